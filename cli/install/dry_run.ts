import { join, relative } from "node:path";
import type { Printer } from "../../local/printer.ts";
import { type Change, describeChanges } from "./change.ts";
import { findRealPlace } from "./real_place.ts";
import { isUnfinished } from "./write.ts";

/** @throws Error if a look at the project would show a change that is half done */
export function requireFinished(project: string): void {
  if (!isUnfinished(project)) return;
  throw new Error("An earlier change was interrupted. Run it again without --dry-run first");
}

/** Prints what a change would be: the patch, and apart from it what its user should know. */
export async function printDryRun(
  printer: Printer,
  project: string,
  changes: readonly Change[],
  notes: readonly string[],
): Promise<void> {
  const top = await Deno.realPath(project);
  // Git applies nothing beyond a link.
  const placed = await Promise.all(changes.map(async (change) => ({
    ...change,
    path: relative(top, await findRealPlace(join(project, change.path))),
  })));
  if (placed.length === 0) printer.error("Nothing would change");
  else printer.line(describeChanges(placed).replace(/\n$/, ""));
  for (const note of notes) printer.error(`Note: ${note}`);
  const outside = placed.find(({ path }) => path.startsWith("../"));
  if (outside === undefined) return;
  printer.error(`Note: git apply does not take ${outside.path}: a link leads out of this folder`);
}
