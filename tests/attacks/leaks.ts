import { join } from "node:path";
import { eventually } from "../support/eventually.ts";
import { findLeaks, secretsOf } from "../support/leaks/leak.ts";
import type { StackValues } from "../support/stack/running_stack.ts";
import type { Answer } from "../support/stack/supabase.ts";

const functionNames = ["users-me", "users-sync", "clerk-webhook"];

/** Collects the answers of a test file, and reports at its end what has leaked. */
export interface LeakWatch {
  /** Keeps errors. A success holds the caller's own row and is not kept. */
  hear(answer: Answer): void;
  /**
   * Waits until the functions' logs hold a line for each of these failures, then searches the errors and
   * all log lines. Throws if those lines do not come.
   */
  report(failures: number): Promise<LeakReport>;
}

export interface LeakReport {
  /** Errors and log lines that contain a secret or personal data. */
  readonly leaks: readonly string[];
  /** Log lines of requests that failed. */
  readonly failures: number;
  /** Other lines: a function's start, or its crash. */
  readonly others: readonly string[];
}

/** @param directory the folder of the stack to watch */
export function createLeakWatch(directory: string, stack: StackValues): LeakWatch {
  const errors = new Set<string>();
  const secrets = secretsOf(stack);

  return {
    hear({ status, body, headers }) {
      if (status < 400) return;
      // The request id is the caller's own or random, so it is left out.
      const { "x-request-id": id = "", ...rest } = Object.fromEntries(headers);
      const told = JSON.stringify([body, rest]);
      errors.add(id === "" ? told : told.replaceAll(id, "ID"));
    },
    async report(failures) {
      const readLines = async () =>
        (await Promise.all(functionNames.map((name) => readLog(directory, name)))).flat();
      const count = (lines: string[]) => lines.filter(isFailure).length;
      await eventually(
        `${failures} failures are in the logs`,
        async () => count(await readLines()) >= failures,
      );
      const lines = await readLines();
      return {
        leaks: [...errors, ...lines].filter((text) => findLeaks(text, secrets).length > 0),
        failures: count(lines),
        others: lines.filter((line) => !isRequest(line)),
      };
    },
  };
}

function isRequest(line: string): boolean {
  return line.startsWith("{") && line.includes('"message":"request"');
}

function isFailure(line: string): boolean {
  return isRequest(line) && !line.startsWith('{"level":"info"');
}

async function readLog(directory: string, name: string): Promise<string[]> {
  const text = await Deno.readTextFile(join(directory, "logs", `${name}.log`));
  return text.split("\n").filter((line) => line !== "");
}
