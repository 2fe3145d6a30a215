import postgres from "postgres";

/** Passwords of the roles that only the stack itself uses. */
export type DatabasePasswords = { databaseAdminPassword: string; authenticatorPassword: string };

/** The superuser's password in every stack, before each stack had its own. */
const formerPassword = "postgres";

/**
 * Makes a new cluster a Supabase database, and gives its roles the stack's own passwords.
 *
 * @param urlOf The database's address for a role and its password.
 * @param automaticGrants Whether a new cluster grants new objects in schema public to the API's roles.
 * @throws Error with what to do if the superuser has another password.
 */
export async function ensureSupabaseRoles(
  urlOf: (role: string, password: string) => string,
  { databaseAdminPassword, authenticatorPassword }: DatabasePasswords,
  automaticGrants: boolean,
): Promise<void> {
  const open = (password: string) =>
    postgres(urlOf("supabase_admin", password), { max: 1, onnotice: () => {} });
  let sql = open(databaseAdminPassword);
  try {
    if (!await logsIn(sql)) {
      await sql.end();
      sql = open(formerPassword);
      if (!await logsIn(sql)) {
        throw new Error(
          "The database does not accept the superuser's password in keys.json. Restore that file, or " +
            "start over with: deno task start --fresh",
        );
      }
      await sql.unsafe(`alter role supabase_admin password '${databaseAdminPassword}'`);
    }
    const found = await sql`select from pg_roles where rolname = 'authenticator'`;
    if (found.length === 0) {
      const files = ["supabase_roles.sql", ...(automaticGrants ? [] : ["explicit_grants.sql"])];
      const scripts = await Promise.all(
        files.map((file) => Deno.readTextFile(new URL(file, import.meta.url))),
      );
      await sql.unsafe(["begin;", ...scripts, "commit;"].join("\n"));
    }
    await sql.unsafe(`alter role authenticator password '${authenticatorPassword}'`);
  } catch (error) {
    if (!(error instanceof postgres.PostgresError)) throw error;
    throw new Error(
      `The database cannot be used (${error.message}). If its files are damaged, start over ` +
        "with: deno task start --fresh",
    );
  } finally {
    // Without a limit, this waits for ever if the server stopped during a query, such as on an interrupt.
    await sql.end({ timeout: 1 });
  }
}

async function logsIn(sql: postgres.Sql): Promise<boolean> {
  try {
    await sql`select`;
    return true;
  } catch (error) {
    if (error instanceof postgres.PostgresError && error.code === "28P01") return false;
    throw error;
  }
}
