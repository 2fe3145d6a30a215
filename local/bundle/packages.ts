import { join } from "node:path";
import { z } from "zod";
import { checkout } from "../options.ts";

const importMap = z.object({ imports: z.record(z.string(), z.string()) });

/**
 * Runs with a `node_modules` folder of this project's packages, in the versions and with the
 * contents that deno.lock names. The folder is removed afterwards.
 */
export async function withPackages<Value>(
  run: (modules: string) => Promise<Value>,
): Promise<Value> {
  const directory = await Deno.realPath(await Deno.makeTempDir({ prefix: "clerk-supabase-sync-" }));
  try {
    const { imports } = importMap.parse(
      JSON.parse(await Deno.readTextFile(join(checkout, "import_map.json"))),
    );
    const configuration = { imports, nodeModulesDir: "auto", lock: { frozen: true } };
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
