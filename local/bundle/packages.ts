import { join } from "node:path";
import { checkout } from "../options.ts";
import type { Imports } from "./import_map.ts";

/**
 * Runs with a `node_modules` folder of the packages that an import map names. What they need in turn is
 * as deno.lock says, and so are their contents. The folder is removed afterwards.
 */
export async function withPackages<Value>(
  imports: Imports,
  run: (modules: string) => Promise<Value>,
): Promise<Value> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "clerk-supabase-sync-" }));
  try {
    // Not frozen: an application may have pinned other packages than deno.lock has.
    const configuration = { imports, nodeModulesDir: "auto" };
    await Deno.writeTextFile(join(directory, "deno.json"), JSON.stringify(configuration));
    await Deno.copyFile(join(checkout, "deno.lock"), join(directory, "deno.lock"));
    const { success, stderr } = await new Deno.Command(Deno.execPath(), {
      args: ["install", "--quiet"],
      cwd: directory,
      env: { NO_COLOR: "1" },
      stdin: "null",
    }).output();
    if (!success) {
      throw new Error(
        `The packages could not be installed:\n${new TextDecoder().decode(stderr).trim()}`,
      );
    }
    return await run(join(directory, "node_modules"));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
