import { join } from "node:path";
import { ifPresent } from "../../local/presence.ts";
import { placeTables, prepareTableSchema } from "../../local/migrations/schema.ts";
import { manifestPath } from "./manifest.ts";
import { nextVersions, versionOf } from "./series.ts";

/** Where an application's migrations are, in its project. */
export const migrationsFolder = "supabase/migrations";

/** The versions of the application's migrations. */
export async function readVersions(project: string): Promise<string[]> {
  return (await readMigrationNames(project)).flatMap((name) => versionOf(name) ?? []);
}

/** The names of the application's migrations. */
export async function readMigrationNames(project: string): Promise<string[]> {
  const entries = await ifPresent(Array.fromAsync(Deno.readDir(join(project, migrationsFolder))));
  // A link to a file is one for the Supabase CLI, too.
  return (entries ?? []).flatMap(({ name, isDirectory }) =>
    isDirectory || versionOf(name) === undefined ? [] : name
  );
}

/**
 * Refuses migrations of an installation whose manifest is missing: they would be there twice.
 *
 * @param first the name of the first migration in this product
 */
export async function requireFirstTime(first: string, project: string): Promise<void> {
  const entries = await ifPresent(Array.fromAsync(Deno.readDir(join(project, migrationsFolder))));
  const found = (entries ?? []).map(({ name }) => name)
    .find((name) => /^\d+$/.test(name.replace(endingOf(first), "")));
  if (found === undefined) return;
  throw new Error(
    `${migrationsFolder}/${found} is from an installation, but ${manifestPath} is missing. ` +
      "Restore it with git, or move the old migrations away, and try again",
  );
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
    `${migrationsFolder}/${versions[index]}${endingOf(name)}`,
  ]));
}

/** What follows the version in a migration's name. */
export function endingOf(name: string): string {
  return `_clerk_sync_${name.replace(/^\d+_/, "")}`;
}
