import { apiKnows } from "../support/stack/known_tables.ts";
import { signClaims } from "../support/stack/clerk.ts";
import { withSql } from "../support/database/connections.ts";

export interface Example {
  /** The name of its file in examples/, without the ending. */
  readonly name: string;
  /** Its tables and views, all in schema public. */
  readonly relations: readonly [string, ...string[]];
  /** Drops everything that it creates, if it exists. */
  readonly removal: string;
  /** Whether only signed-in users may use it, and not the server. */
  readonly forUsersOnly?: boolean;
}

/** The text of an example. */
export function readExample(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`../../examples/${name}.sql`, import.meta.url));
}

/** Runs while the API knows the example, and removes it afterwards. */
export async function withInstalled(
  { name, relations, removal, forUsersOnly }: Example,
  run: () => Promise<void>,
): Promise<void> {
  // It is already there if it has been made a migration. It is then left as the migration makes it.
  const [{ theirs } = {}] = await withSql((sql) =>
    sql<{ theirs: boolean }[]>`select to_regclass(${`public.${
      relations[0]
    }`}) is not null as theirs`
  );
  const example = await readExample(name);
  const now = Math.floor(Date.now() / 1000);
  const token = forUsersOnly
    ? await signClaims({ sub: "user_of_the_api", role: "authenticated", iat: now, exp: now + 600 })
    : undefined;
  try {
    await withSql(async (sql) => {
      await sql.unsafe(removal);
      await sql.unsafe(example);
    });
    await apiKnows(relations, true, token);
    await run();
  } finally {
    if (!theirs) {
      await withSql((sql) => sql.unsafe(`${removal}; notify pgrst, 'reload schema'`));
      // Other tests list the API's tables.
      await apiKnows(relations, false, token);
    }
  }
}
