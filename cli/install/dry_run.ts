import type { Printer } from "../../local/printer.ts";
import { type Change, describeChanges } from "./change.ts";
import { isUnfinished } from "./write.ts";

/** @throws Error if a look at the project would show a change that is half done */
export function requireFinished(project: string): void {
  if (!isUnfinished(project)) return;
  throw new Error("An earlier change was interrupted. Run it again without --dry-run first");
}

/** Prints what a change would be: the patch, and apart from it what its user should know. */
export function printDryRun(
  printer: Printer,
  changes: readonly Change[],
  notes: readonly string[],
): void {
  printer.line(describeChanges(changes).replace(/\n$/, ""));
  for (const note of notes) printer.error(`Note: ${note}`);
}
