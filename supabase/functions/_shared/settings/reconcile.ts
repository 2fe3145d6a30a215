import { type Result, succeed } from "../failure.ts";
import { type Environment, fitsHeader, misconfigured, variable } from "./variable.ts";

/** Characters: a shorter key can be guessed. */
const shortestKey = 32;

/** Reads the key with which clerk-reconcile is called. */
export function readReconcileKey(environment: Environment): Result<string> {
  const key = variable(environment, "CLERK_RECONCILE_KEY");
  if (!key) return misconfigured("CLERK_RECONCILE_KEY environment variable is required");
  if (key.length < shortestKey) {
    return misconfigured(`CLERK_RECONCILE_KEY must have at least ${shortestKey} characters`);
  }
  if (!fitsHeader(key)) {
    return misconfigured(
      "CLERK_RECONCILE_KEY must be in ASCII, on one line: callers send it in a header",
    );
  }
  return succeed(key);
}
