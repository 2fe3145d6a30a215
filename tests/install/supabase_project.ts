import { join } from "node:path";
import { buildSupabaseCliEnvironment, runOnDatabase } from "../../local/supabase_cli.ts";
import { supabaseCli } from "../support/deploy/binaries.ts";

/** The files that `supabase init` makes. */
export async function initialize(): Promise<Record<string, string>> {
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-init-" });
  try {
    const { success } = await new Deno.Command(await supabaseCli(), {
      args: ["init", "--yes", `--workdir=${folder}`],
      cwd: folder,
      clearEnv: true,
      env: buildSupabaseCliEnvironment(folder),
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).output();
    if (!success) throw new Error("supabase init failed");
    const path = "supabase/config.toml";
    return { [path]: await Deno.readTextFile(join(folder, path)) };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the application's own `supabase db push`, with nothing added. */
export async function push(project: string, databaseUrl: string) {
  const home = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-home-" });
  try {
    const { success, stdout, stderr } = await runOnDatabase({
      file: await supabaseCli(),
      home,
      project,
      databaseUrl,
      args: ["db", "push"],
    });
    return { success, output: `${stderr}${stdout}` };
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
