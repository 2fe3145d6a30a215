import { basename, join } from "node:path";
import { discoverFunctions } from "../../../local/functions/configuration.ts";
import { checkout } from "../../../local/options.ts";
import type { StackValues } from "../stack/running_stack.ts";
import { findLeaks, secretsOf } from "./leak.ts";

/** The result of a scan of all functions' logs. */
export interface LogScan {
  readonly lines: number;
  /** Each leak's place and kinds. */
  readonly leaks: readonly string[];
}

/** Scans everything that a stack's functions have logged. */
export async function scanFunctionLogs(directory: string, stack: StackValues): Promise<LogScan> {
  const names = (await discoverFunctions(checkout)).map(({ name }) => name);
  const files = (await Array.fromAsync(Deno.readDir(join(directory, "logs"))))
    .map(({ name }) => name)
    .filter((file) =>
      names.some((name) => file === `${name}.log` || file === `${name}.previous.log`)
    );
  const scans = await Promise.all(
    files.map((file) => scanFile(join(directory, "logs", file), secretsOf(stack))),
  );
  return {
    lines: scans.reduce((sum, { lines }) => sum + lines, 0),
    leaks: scans.flatMap(({ leaks }) => leaks),
  };
}

/** The scan in one line, then a line for each leak. */
export function describeScan({ lines, leaks }: LogScan): string {
  return [`scanned ${lines} log lines, ${leaks.length} leaks`, ...leaks].join("\n");
}

/** Whether there was something to scan, and no leak in it. */
export function isClean({ lines, leaks }: LogScan): boolean {
  return lines > 0 && leaks.length === 0;
}

async function scanFile(path: string, secrets: readonly string[]): Promise<LogScan> {
  const lines = (await Deno.readTextFile(path)).split("\n").filter((line) => line !== "");
  const leaks = lines.flatMap((line, index) => {
    const kinds = findLeaks(line, secrets);
    return kinds.length > 0 ? [`${basename(path)}:${index + 1}: ${kinds.join(", ")}: ${line}`] : [];
  });
  return { lines: lines.length, leaks };
}
