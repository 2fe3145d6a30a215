import { resolve } from "node:path";
import { parseArgs, type ParseArgsConfig } from "node:util";
import { reportFailure } from "../local/failure.ts";
import type { Printer } from "../local/printer.ts";
import { findProject } from "./install/application.ts";

/** Where the command was typed: deno task and npx run it elsewhere. */
export const here = Deno.env.get("INIT_CWD") ?? Deno.cwd();

const help = { help: { type: "boolean", short: "h", default: false } } as const;

/**
 * Runs a command on the application whose folder the arguments give, and ends the process with 1 and a
 * message if it fails.
 */
export async function runOnApplication<Options extends NonNullable<ParseArgsConfig["options"]>>(
  printer: Printer,
  { usage, options }: { usage: string; options: Options },
  run: (project: string, flags: ReturnType<typeof parse<Options>>["values"]) => Promise<void>,
): Promise<void> {
  try {
    const { values: flags, positionals } = parse(options);
    if ("help" in flags && flags.help) return printer.line(usage);
    if (positionals.length > 1) throw new Error("Give one folder. See the options with --help");
    await run(await findProject(resolve(here, positionals[0] ?? ".")), flags);
  } catch (error) {
    reportFailure(printer, error);
    Deno.exit(1);
  }
}

function parse<Options extends NonNullable<ParseArgsConfig["options"]>>(options: Options) {
  return parseArgs({ allowPositionals: true, options: { ...options, ...help } });
}
