import { compare, validate } from "compare-versions";
import { dirname, join } from "node:path";
import { ifPresent } from "../../local/presence.ts";

/** The first Supabase CLI that takes a deno.json for each function (Supabase's changelog 30291). */
const oldest = "1.215.0";

/**
 * Checks the Supabase CLI that the application uses: the one in its node_modules, else the one in PATH.
 * An application may have none and run it with npx.
 *
 * @throws Error if it is too old
 */
export async function requireSupabaseCli(project: string, inPath = "supabase"): Promise<void> {
  for (const file of [...commandsAbove(project), inPath]) {
    const version = await askVersion(file);
    if (version === undefined) continue;
    if (compare(version, oldest, ">=")) return;
    throw new Error(
      `Your Supabase CLI is ${version}. The functions need ${oldest} or newer: ` +
        "run npm install --save-dev supabase@latest, or upgrade it as you installed it",
    );
  }
}

function commandsAbove(folder: string): string[] {
  const own = join(folder, "node_modules", ".bin", "supabase");
  const above = dirname(folder);
  return above === folder ? [own] : [own, ...commandsAbove(above)];
}

async function askVersion(file: string): Promise<string | undefined> {
  if (file !== "supabase" && !await ifPresent(Deno.stat(file))) return undefined;
  try {
    const { stdout } = await new Deno.Command(file, {
      args: ["--version"],
      stdin: "null",
      stderr: "null",
      // Without it the CLI asks GitHub for its newest version.
      env: { SUPABASE_NO_UPDATE_NOTIFIER: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
    }).output();
    const version = new TextDecoder().decode(stdout).trim().split(/\s+/).at(-1) ?? "";
    return validate(version) ? version : undefined;
  } catch {
    return undefined;
  }
}
