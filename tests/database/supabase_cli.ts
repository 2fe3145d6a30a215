import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateSupabaseCli } from "../../local/binaries/locate.ts";
import { checkout } from "../../local/options.ts";
import { runOnDatabase } from "../../local/supabase_cli.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** Runs the Supabase CLI on the stack's database and returns its output. Throws if it fails. */
export async function supabase(...args: string[]): Promise<string> {
  const home = await Deno.makeTempDir({ prefix: "supabase-cli-" });
  try {
    const directory = await binariesDirectory(checkout, home);
    const file = await locateSupabaseCli({ directory, print: () => {} });
    const { success, stdout, stderr } = await runOnDatabase({
      file,
      home,
      project: checkout,
      databaseUrl: runningStack().DB_URL,
      args,
    });
    if (!success) throw new Error(stdout + stderr);
    return stdout;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}
