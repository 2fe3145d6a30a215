import postgres from "postgres";

/** The passwords of the roles that only the stack itself logs in as. */
export type DatabasePasswords = { databaseAdminPassword: string; authenticatorPassword: string };

/** What the superuser's password was, as anybody's, before each stack had its own. */
const formerPassword = "postgres";

/**
 * Makes a new cluster a Supabase database, and gives its roles the stack's own passwords.
 *
 * @param urlOf The database's address for a role and its password.
 * @param automaticGrants Whether a new cluster grants new things in schema public to the API's roles by itself.
 * @throws Error with the way on where the superuser has another password.
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
          "The superuser's password in keys.json is not the database's. Restore keys.json, or " +
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
    // Without a limit it waits for ever where the server was stopped within a query, as by an interrupt.
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
