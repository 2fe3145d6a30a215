import { basename, join } from "node:path";
import { z } from "zod";
import { checkout } from "../../local/options.ts";
import { listFiles } from "./list_files.ts";
import { sharedFolder } from "./manifest.ts";

/** The functions' names in this product. */
export const functionNames = [
  "clerk-webhook",
  "users-me",
  "users-sync",
  "clerk-reconcile",
] as const;

const importMap = z.object({ imports: z.record(z.string(), z.string()) });

/** A heading such as `## [0.1.0] - Unreleased`. */
const versionHeading = /^## \[(\d+\.\d+\.\d+[^\]]*)\]/m;

/** This product's version: the first one of CHANGELOG.md. */
export async function readVersion(): Promise<string> {
  const version = (await Deno.readTextFile(join(checkout, "CHANGELOG.md"))).match(versionHeading)
    ?.[1];
  if (version === undefined) throw new Error("CHANGELOG.md has no heading with a version");
  return version;
}

/**
 * The functions' files as they go into an application, by path in its project. What they share is in
 * a folder of its own name, and each function has its imports in a `deno.json`.
 */
export async function readFunctionFiles(prefix: string): Promise<Map<string, string>> {
  const files = new Map<string, string>();
  const bare = new Set<string>();
  for (const folder of ["_shared", ...functionNames]) {
    const from = `supabase/functions/${folder}/`;
    const into = folder === "_shared" ? sharedFolder : `${prefix}${folder}`;
    for (const path of await listOwnFiles(from.slice(0, -1))) {
      const text = await Deno.readTextFile(join(checkout, path));
      for (const [, name = ""] of text.matchAll(/\bfrom "([^"]+)"/g)) bare.add(name);
      files.set(
        `supabase/functions/${into}/${path.slice(from.length)}`,
        text.replaceAll('"../_shared/', `"../${sharedFolder}/`),
      );
    }
  }
  const { imports } = importMap.parse(
    JSON.parse(await Deno.readTextFile(join(checkout, "import_map.json"))),
  );
  const pinned = Object.fromEntries(Object.entries(imports).filter(([name]) => bare.has(name)));
  const configuration = `${JSON.stringify({ imports: pinned }, null, 2)}\n`;
  // The shared folder has one for editors only: a deployment reads the function's.
  for (const folder of [sharedFolder, ...functionNames.map((name) => `${prefix}${name}`)]) {
    files.set(`supabase/functions/${folder}/deno.json`, configuration);
  }
  return new Map([...files].sort(([one], [other]) => one < other ? -1 : 1));
}

/** The text of each migration, by name, in order. */
export async function readMigrations(): Promise<Map<string, string>> {
  const paths = (await listOwnFiles("supabase/migrations")).filter((path) => path.endsWith(".sql"));
  return new Map(
    await Promise.all(
      paths.map(async (path) =>
        [basename(path), await Deno.readTextFile(join(checkout, path))] as const
      ),
    ),
  );
}

/** This product's files below a folder. Hidden ones are left out: they are of an editor or a secret. */
async function listOwnFiles(folder: string): Promise<string[]> {
  const paths = await listFiles(checkout, folder) ?? [];
  return paths.filter((path) => !path.includes("/."));
}
