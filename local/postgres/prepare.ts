import postgres from "postgres";

/** Makes a new cluster a Supabase database; does nothing to one that already is. */
export async function ensureSupabaseRoles(adminUrl: string): Promise<void> {
  const sql = postgres(adminUrl, { max: 1, onnotice: () => {} });
  try {
    const found = await sql`select from pg_roles where rolname = 'authenticator'`;
    if (found.length > 0) return;
    const script = await Deno.readTextFile(new URL("supabase_roles.sql", import.meta.url));
    await sql.unsafe(`begin;\n${script}\ncommit;`);
  } finally {
    // Without a limit it waits for ever where the server was stopped within a query, as by an interrupt.
    await sql.end({ timeout: 1 });
  }
}
