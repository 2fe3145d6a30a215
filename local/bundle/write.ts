import { dirname } from "node:path";
import type { Bundle } from "./bundle.ts";
import { bundlePath } from "./path.ts";

/** Writes bundles into a folder, each beside its source map. */
export async function writeBundles(bundles: readonly Bundle[], folder: string): Promise<void> {
  for (const { name, code, map } of bundles) {
    const path = bundlePath(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await Deno.writeTextFile(path, code);
    await Deno.writeTextFile(`${path}.map`, map);
  }
}
