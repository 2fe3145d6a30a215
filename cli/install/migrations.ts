import { join } from "node:path";
import { ifPresent } from "../../local/presence.ts";
import { placeTables, prepareTableSchema } from "../../local/migrations/schema.ts";
import { nextVersions, versionOf } from "./series.ts";

/** Where an application's migrations are, in its project. */
export const migrationsFolder = "supabase/migrations";

/** The versions of the application's migrations. */
export async function readVersions(project: string): Promise<string[]> {
  const entries = await ifPresent(Array.fromAsync(Deno.readDir(join(project, migrationsFolder))));
  return (entries ?? []).flatMap(({ name, isFile }) => isFile ? versionOf(name) ?? [] : []);
}

/** The migrations with their tables in the given schema, by name. */
export function placeTablesOf(
  migrations: ReadonlyMap<string, string>,
  schema: string,
): Map<string, string> {
  const [first] = migrations.keys();
  return new Map(
    [...migrations].map(([name, text]) => [
      name,
      (name === first ? prepareTableSchema(schema) : "") + placeTables(text, schema),
    ]),
  );
}

/** Gives migrations their place in an application's series: paths by name. */
export function nameMigrations(
  names: readonly string[],
  existing: readonly string[],
  now: Date,
): Map<string, string> {
  const versions = nextVersions(existing, names.length, now);
  return new Map(names.map((name, index) => [
    name,
    `${migrationsFolder}/${versions[index]}_clerk_sync_${name.replace(/^\d+_/, "")}`,
  ]));
}
