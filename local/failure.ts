import type { Printer } from "./printer.ts";

/**
 * Says why a command ends. A plain `Error` is written for people; any other is a defect, whose stack
 * is what helps.
 */
export function reportFailure(printer: Printer, error: unknown): void {
  const expected = error instanceof Error && error.constructor === Error;
  printer.error(expected ? error.message : Deno.inspect(error));
}
