import { join } from "node:path";
import { ifPresent, removeAll } from "../presence.ts";
import { ourMigrations } from "./ours.ts";
import { placeTables, prepareTableSchema } from "./schema.ts";

/**
 * The folder to push a project's migrations from, with our tables in the given schema. The application's own migrations
 * stay as they are, because their public.users is their own table.
 *
 * @param project folder that contains `supabase/`
 * @param home folder for a copy, if one is needed
 */
export async function placeProject(
  project: string,
  schema: string,
  home: string,
): Promise<string> {
  if (schema === "public") return project;
  const copy = join(home, `project-${schema}`);
  const from = join(project, "supabase");
  const to = join(copy, "supabase");
  // Nothing may stay of a migration that no longer exists.
  await removeAll(copy);
  await Deno.mkdir(join(to, "migrations"), { recursive: true });
  await Deno.copyFile(join(from, "config.toml"), join(to, "config.toml"));
  const entries = await ifPresent(Array.fromAsync(Deno.readDir(join(from, "migrations")))) ?? [];
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".sql")).sort();
  for (const name of names) {
    const text = await Deno.readTextFile(join(from, "migrations", name));
    const placed = ourMigrations.includes(name) ? placeTables(text, schema) : text;
    // Not in the application's first migration, which may have been applied long ago.
    const before = name === ourMigrations[0] ? prepareTableSchema(schema) : "";
    await Deno.writeTextFile(join(to, "migrations", name), before + placed);
  }
  return copy;
}
