import { dirname, join, relative } from "node:path";
import { ifPresent } from "../../local/presence.ts";
import { type Configuration, configurationPath } from "./configuration.ts";
import { listFiles } from "./list_files.ts";

/** A file that uses another. Both are paths in the project. */
type Use = { readonly by: string; readonly of: string };

/**
 * Finds what else in the `supabase` folder uses files of these functions: an import, an import map, a
 * link, or another function's section. Undefined if nothing does.
 */
export async function findUse(
  project: string,
  configuration: Configuration,
  names: readonly string[],
): Promise<Use | undefined> {
  const folders = names.map((name) => `supabase/functions/${name}/`);
  const isTheirs = (path: string) => folders.some((folder) => path.startsWith(folder));
  const others = JSON.stringify(
    configuration,
    (key, value) => names.includes(key) ? undefined : value,
  );
  const named = [...others.matchAll(/"([^"]+)"/g)].map(([, text = ""]) => join("supabase", text));
  const ofSection = named.find(isTheirs);
  if (ofSection !== undefined) return { by: configurationPath, of: ofSection };

  const top = await Deno.realPath(project);
  for (const path of await listFiles(project, "supabase") ?? []) {
    if (isTheirs(path) || path.includes("/node_modules/")) continue;
    const file = await ifPresent(Deno.realPath(join(project, path)));
    if (file === undefined) continue;
    const real = relative(top, file);
    if (isTheirs(`${real}/`)) return { by: path, of: real };
    if (!/\.(?:[cm]?[jt]sx?|jsonc?)$/.test(path)) continue;
    const text = await Deno.readTextFile(file);
    const of = [...text.matchAll(/["'`](\.\.?\/[^"'`\n]*)["'`]/g)]
      .map(([, specifier = ""]) => join(dirname(path), specifier)).find(isTheirs);
    if (of !== undefined) return { by: path, of };
  }
  return undefined;
}
