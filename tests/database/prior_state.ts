import type { Sql } from "../support/database/connections.ts";
import { readMigrations } from "../support/database/migrations.ts";

const folder = new URL("prior_states/", import.meta.url);

/** Roles that states make. */
export const roles: readonly string[] = ["prior_state_owner", "prior_state_member"];

/** The names of the states, which are files of `prior_states/`. */
export async function listStates(): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  return names.map((name) => name.replace(/\.sql$/, "")).sort();
}

/** The SQL that makes a state. */
export function readState(name: string): Promise<string> {
  return Deno.readTextFile(new URL(`${name}.sql`, folder));
}

/** Applies the migrations as the Supabase CLI does: each file in a transaction of its own. */
export async function migrate(sql: Sql): Promise<void> {
  for (const text of await readMigrations()) await sql.unsafe(text);
}
