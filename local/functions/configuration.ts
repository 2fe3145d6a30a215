import { join, resolve } from "node:path";
import { parse as parseToml } from "smol-toml";
import { z } from "zod";
import { ifPresent } from "../presence.ts";

/** A function, from `supabase/config.toml` and the functions' folders. Paths are absolute. */
export type FunctionConfiguration = { name: string; entrypoint: string; importMap: string };

const sectionSchema = z.object({
  enabled: z.boolean().default(true),
  entrypoint: z.string().optional(),
  import_map: z.string().optional(),
});

const configurationSchema = z.object({
  functions: z.record(z.string(), sectionSchema).default({}),
});

/** Finds the functions of a project, as `supabase functions serve` does. */
export async function discoverFunctions(project: string): Promise<FunctionConfiguration[]> {
  const root = join(project, "supabase");
  const { functions } = readConfiguration(
    await ifPresent(Deno.readTextFile(join(root, "config.toml"))) ?? "",
  );
  const names = new Set(Object.keys(functions));
  for await (const entry of Deno.readDir(join(root, "functions"))) {
    if (entry.isDirectory && !/^[_.]/.test(entry.name)) names.add(entry.name);
  }
  const found: FunctionConfiguration[] = [];
  for (const name of [...names].sort()) {
    const section = functions[name] ?? sectionSchema.parse({});
    const entrypoint = resolve(root, section.entrypoint ?? join("functions", name, "index.ts"));
    if (!section.enabled || !await isFile(entrypoint)) continue;
    const importMap = resolve(root, section.import_map ?? join("..", "import_map.json"));
    found.push({ name, entrypoint, importMap });
  }
  return found;
}

function readConfiguration(toml: string): z.infer<typeof configurationSchema> {
  try {
    return configurationSchema.parse(parseToml(toml));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : String(error);
    throw new Error(`supabase/config.toml cannot be read: ${reason.split("\n")[0]}`);
  }
}

async function isFile(path: string): Promise<boolean> {
  return (await ifPresent(Deno.stat(path)))?.isFile === true;
}
