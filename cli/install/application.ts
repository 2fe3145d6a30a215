import { basename, dirname, join, relative, resolve } from "node:path";
import { ifPresent } from "../../local/presence.ts";

/** Folders in which nobody keeps a Supabase project. */
const skipped = /^(?:node_modules|\..*|dist|build|vendor)$/;

/** How many folders deep a monorepo's projects are looked for. */
const depth = 4;

/**
 * Finds the application's Supabase project: the folder that contains `supabase/config.toml`.
 *
 * It may be the given folder, its `supabase` folder itself, the only such folder below, or one above,
 * where the Supabase CLI finds it too.
 *
 * @throws Error that says what to do, if there is none or more than one
 */
export async function findProject(given: string): Promise<string> {
  const folder = resolve(given);
  if (!(await ifPresent(Deno.stat(folder)))?.isDirectory) {
    throw new Error(`${folder} is no folder. Give the folder of your application`);
  }
  if (await hasConfiguration(join(folder, "supabase"))) return folder;
  if (basename(folder) === "supabase" && await hasConfiguration(folder)) return dirname(folder);
  const below = await searchBelow(folder, depth);
  const [only, ...others] = below;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined) {
    const list = below.map((project) => relative(folder, project)).sort().join(", ");
    throw new Error(`There are several Supabase projects here: ${list}. Give the folder of one`);
  }
  const above = await searchAbove(folder);
  if (above !== undefined) return above;
  throw new Error(
    `${folder} has no supabase/config.toml. Run "npx supabase init" in your application first, ` +
      "or give the folder of another",
  );
}

async function hasConfiguration(supabase: string): Promise<boolean> {
  return (await ifPresent(Deno.stat(join(supabase, "config.toml"))))?.isFile === true;
}

async function searchBelow(folder: string, levels: number): Promise<string[]> {
  if (levels === 0) return [];
  const found: string[] = [];
  for (const { name, isDirectory } of await readFolder(folder)) {
    if (!isDirectory || skipped.test(name)) continue;
    const path = join(folder, name);
    if (name === "supabase" && await hasConfiguration(path)) found.push(folder);
    else found.push(...await searchBelow(path, levels - 1));
  }
  return found;
}

/** A folder that this account may not read, such as a database's, is no project of its user's. */
async function readFolder(folder: string): Promise<Deno.DirEntry[]> {
  try {
    return await Array.fromAsync(Deno.readDir(folder));
  } catch (error) {
    if (error instanceof Deno.errors.PermissionDenied) return [];
    throw error;
  }
}

async function searchAbove(folder: string): Promise<string | undefined> {
  // The top of a git repository is the top of the application.
  if (await ifPresent(Deno.stat(join(folder, ".git")))) return undefined;
  const above = dirname(folder);
  if (above === folder) return undefined;
  if (await hasConfiguration(join(above, "supabase"))) return above;
  return await searchAbove(above);
}
