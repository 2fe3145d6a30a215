import type { Printer } from "./printer.ts";

/**
 * Prints why a command failed. The message of a plain `Error` is written for people. Anything else is
 * a defect, so its stack is printed.
 */
export function reportFailure(printer: Printer, error: unknown): void {
  printer.error(describe(error));
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return Deno.inspect(error);
  if (tellsOfFullDisk(error.message)) {
    return "The disk is full. Free some space and try again";
  }
  if ("code" in error && String(error.code).startsWith("ERR_PARSE_ARGS_")) {
    // Node's own messages may be of several sentences, a line each.
    const message = error.message.replaceAll(/\s*\n\s*/g, " ").replace(/\.$/, "");
    return `${message}. See the options with --help`;
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return `${error.message}. Give this account access to it and to the folders above it, and try again`;
  }
  return error.constructor === Error ? error.message : Deno.inspect(error);
}

/** True if a message of any part of the stack, in its own words, reports a full disk. */
export function tellsOfFullDisk(text: string): boolean {
  return /No space left on device|Check free disk space|database or disk is full/.test(text);
}
