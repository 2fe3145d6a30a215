import { join } from "node:path";
import { placeTables, prepareTableSchema } from "./schema.ts";

/**
 * The folder to push a project's migrations from, with the tables in that schema.
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
  await Deno.remove(copy, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
  await Deno.mkdir(join(to, "migrations"), { recursive: true });
  await Deno.copyFile(join(from, "config.toml"), join(to, "config.toml"));
  const entries = await Array.fromAsync(Deno.readDir(join(from, "migrations")));
  const names = entries.map(({ name }) => name).filter((name) => name.endsWith(".sql")).sort();
  for (const [index, name] of names.entries()) {
    const text = placeTables(await Deno.readTextFile(join(from, "migrations", name)), schema);
    const before = index === 0 ? prepareTableSchema(schema) : "";
    await Deno.writeTextFile(join(to, "migrations", name), before + text);
  }
  return copy;
}
