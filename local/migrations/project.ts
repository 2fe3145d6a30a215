import { join } from "node:path";
import { removeAll } from "../presence.ts";
import { ourMigrations } from "./ours.ts";
import { placeTables, prepareTableSchema } from "./schema.ts";

/**
 * The folder to push a project's migrations from, with the tables in that schema. The application's own migrations are
 * in it as they are: what they call public.users is theirs.
 *
 * @param project folder that contains `supabase/`
 * @param home where a copy may be made
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
  // Of a migration that is gone nothing may stay.
  await removeAll(copy);
  await Deno.mkdir(join(to, "migrations"), { recursive: true });
  await Deno.copyFile(join(from, "config.toml"), join(to, "config.toml"));
  const entries = await Array.fromAsync(Deno.readDir(join(from, "migrations")));
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".sql")).sort();
  for (const name of names) {
    const text = await Deno.readTextFile(join(from, "migrations", name));
    const placed = ourMigrations.includes(name) ? placeTables(text, schema) : text;
    // Not at the top of the application's first one, which may have been applied long ago.
    const before = name === ourMigrations[0] ? prepareTableSchema(schema) : "";
    await Deno.writeTextFile(join(to, "migrations", name), before + placed);
  }
  return copy;
}
