import { compare, validate } from "compare-versions";
import { dirname, join } from "node:path";
import { ifPresent } from "../../local/presence.ts";

/** The first Supabase CLI that takes a deno.json for each function (Supabase's changelog 30291). */
const oldest = "1.215.0";

/** Milliseconds that it may take to say its version. One that hangs counts as one that says none. */
const patience = 10_000;

/**
 * Checks the Supabase CLI that the application uses: the one in its node_modules, else the one in PATH.
 * An application may have none and run it with npx.
 *
 * @throws Error if it is too old
 */
export async function requireSupabaseCli(
  project: string,
  inPath = "supabase",
  timeLimit = patience,
): Promise<void> {
  for (const file of [...commandsAbove(project), inPath]) {
    const version = await askVersion(file, timeLimit);
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

async function askVersion(file: string, timeLimit: number): Promise<string | undefined> {
  if (file !== "supabase" && !await ifPresent(Deno.stat(file))) return undefined;
  try {
    const process = new Deno.Command(file, {
      args: ["--version"],
      stdin: "null",
      stdout: "piped",
      stderr: "null",
      // Without it the CLI asks GitHub for its newest version.
      env: { SUPABASE_NO_UPDATE_NOTIFIER: "1", SUPABASE_TELEMETRY_DISABLED: "1" },
    }).spawn();
    const output = await readInTime(process, timeLimit);
    const version = output.trim().split(/\s+/).at(-1) ?? "";
    return validate(version) ? version : undefined;
  } catch {
    return undefined;
  }
}

/** What a process prints until it ends. One that does not end in time is killed, and has printed nothing. */
async function readInTime(process: Deno.ChildProcess, timeLimit: number): Promise<string> {
  const reader = process.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    try {
      process.kill("SIGKILL");
    } catch {
      // It has ended just now.
    }
    // What it has started may hold the other end for as long as it likes.
    reader.cancel().catch(() => {});
  }, timeLimit);
  try {
    let output = "";
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      output += part.value;
    }
    return isLate ? "" : output;
  } finally {
    clearTimeout(timer);
    process.unref();
  }
}
