import type { Outcome } from "./outcome.ts";

/**
 * The value of an outcome without which a command cannot begin.
 *
 * @throws Error with what to do
 */
export function valueOf<T>(outcome: Outcome<T>): T {
  if (outcome.ok) return outcome.value;
  throw new Error(`${outcome.problem.what}.\n${outcome.problem.next}`);
}
