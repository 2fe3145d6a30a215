import { reportFailure } from "../../local/failure.ts";
import { listenForInterrupt } from "../../local/interrupt.ts";
import type { Printer } from "../../local/printer.ts";
import { here } from "../command.ts";
import { readTarget, type Target } from "./target.ts";

/** The options of every command that works on a project. */
export const commonOptions = {
  "env-file": { type: "string" },
  output: { type: "string", short: "o", default: "text" },
  rate: { type: "string" },
  anew: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

export interface CommonFlags {
  readonly "env-file"?: string | undefined;
  readonly output: string;
  readonly rate?: string | undefined;
  readonly anew: boolean;
  readonly help: boolean;
}

export const commonUsage =
  `  --env-file FILE  the project's SUPABASE_URL and SUPABASE_KEY (the secret key) and CLERK_SECRET_KEY, where
                   the environment does not have them (default supabase/functions/.env)
  --rate N         requests to Clerk in 10 s (default 500, or 50 with the key of a development instance:
                   half of what Clerk allows)
  --anew           begin anew where an interrupted run would go on
  -o json          one JSON document on standard output

Without a project it works on the local stack that runs in LOCAL_DIR (default .local).`;

export interface Invocation {
  readonly target: Target;
  readonly json: boolean;
  /** Requests to Clerk in 10 s. */
  readonly rate: number | undefined;
  readonly anew: boolean;
  /** Ctrl-C. */
  readonly signal: AbortSignal;
}

/** Runs a command on a project, and ends the process with what it returns, or 1 if it fails. */
export async function runOnProject<Flags extends CommonFlags>(
  printer: Printer,
  usage: string,
  parse: () => Flags,
  run: (invocation: Invocation, flags: Flags) => Promise<number>,
): Promise<never> {
  try {
    const flags = parse();
    if (flags.help) {
      printer.line(usage);
      Deno.exit(0);
    }
    const { output, rate, anew } = flags;
    if (output !== "text" && output !== "json") {
      throw new Error(`There is no output "${output}". Choose text or json`);
    }
    const { signal } = listenForInterrupt();
    const target = await readTarget(here, flags["env-file"]);
    // The double has no limit.
    const usual = target.local ? 500 : undefined;
    const pace = rate === undefined ? usual : readWhole("--rate", rate);
    Deno.exit(await run({ target, signal, json: output === "json", rate: pace, anew }, flags));
  } catch (error) {
    reportFailure(printer, error);
    Deno.exit(1);
  }
}

/** @throws Error if the text is no whole number above 0 */
export function readWhole(option: string, text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new Error(`${option} takes a whole number above 0`);
}
