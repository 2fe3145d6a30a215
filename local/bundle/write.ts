import { dirname } from "node:path";
import { discoverFunctions } from "../functions/configuration.ts";
import { type Bundle, bundleFunctions } from "./bundle.ts";
import { bundlePath } from "./path.ts";

/** Bundles a project's functions into a folder, each beside its source map. */
export async function writeBundles(project: string, folder: string): Promise<Bundle[]> {
  const bundles = await bundleFunctions(await discoverFunctions(project), { root: project });
  for (const { name, code, map } of bundles) {
    const path = bundlePath(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, code);
    await Deno.writeTextFile(`${path}.map`, map);
  }
  return bundles;
}
