import { join, resolve } from "node:path";
import { z } from "zod";

/** One function as `supabase/config.toml` and the folders have it. Paths are absolute. */
export type FunctionConfiguration = { name: string; entrypoint: string; importMap: string };

const sectionSchema = z.object({
  enabled: z.stringbool().default(true),
  entrypoint: z.string().optional(),
  import_map: z.string().optional(),
});

/** Finds the functions of a project, as `supabase functions serve` does. */
export async function discoverFunctions(project: string): Promise<FunctionConfiguration[]> {
  const root = join(project, "supabase");
  const sections = readSections(
    await Deno.readTextFile(join(root, "config.toml")).catch((error) => {
      if (error instanceof Deno.errors.NotFound) return "";
      throw error;
    }),
  );
  const names = new Set(sections.keys());
  for await (const entry of Deno.readDir(join(root, "functions"))) {
    if (entry.isDirectory && !/^[_.]/.test(entry.name)) names.add(entry.name);
  }
  const found: FunctionConfiguration[] = [];
  for (const name of [...names].sort()) {
    const section = sectionSchema.parse(sections.get(name) ?? {});
    const entrypoint = resolve(root, section.entrypoint ?? join("functions", name, "index.ts"));
    if (!section.enabled || !await isFile(entrypoint)) continue;
    const importMap = resolve(root, section.import_map ?? join("..", "import_map.json"));
    found.push({ name, entrypoint, importMap });
  }
  return found;
}

/** Reads the plain `key = value` lines of TOML's `[functions.NAME]` sections. */
function readSections(toml: string): Map<string, Record<string, string>> {
  const sections = new Map<string, Record<string, string>>();
  let section: Record<string, string> | undefined;
  for (const line of toml.split("\n")) {
    const header = /^\s*\[([^\]]+)\]/.exec(line);
    if (header !== null) {
      const name = /^functions\.(?:"([^"]+)"|([\w-]+))$/.exec(header[1] ?? "");
      section = name === null ? undefined : {};
      if (section !== undefined) sections.set(name?.[1] ?? name?.[2] ?? "", section);
    }
    const pair = /^\s*(\w+)\s*=\s*(?:"([^"]*)"|'([^']*)'|(\w+))/.exec(line);
    if (pair?.[1] !== undefined && section !== undefined) {
      section[pair[1]] = pair[2] ?? pair[3] ?? pair[4] ?? "";
    }
  }
  return sections;
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(({ isFile }) => isFile, () => false);
}
