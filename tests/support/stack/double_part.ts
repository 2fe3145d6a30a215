import type { RunningStack } from "../../../local/stack.ts";
import type { Part } from "../../../local/supervisor/part.ts";

/** The double of a stack that has one. */
export function doubleOf({ clerk }: RunningStack): Part {
  if (clerk === undefined) throw new Error("This stack uses an instance outside it");
  return clerk;
}
