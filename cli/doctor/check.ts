import { TimeLimitExceeded, withinTimeLimit } from "../../supabase/functions/_shared/time_limit.ts";

/** What a check found. Neither text quotes a secret, a token or personal data. */
export interface Finding {
  readonly status: "ok" | "warning" | "failed" | "skipped";
  /** What is so, or what is wrong. */
  readonly finding: string;
  /** The one thing to do. */
  readonly remedy?: string;
}

/** Something that a check needs: a value, or the name of the check that did not give it. */
export interface Need<Value> {
  readonly met: Promise<{ readonly value: Value } | { readonly missing: string }>;
}

/** A check under way. Other checks may need what it finds out. */
export interface Check<Value> extends Need<Value> {
  readonly name: string;
  readonly finding: Promise<Finding>;
}

/** A finding, with a value for the checks that need it unless it failed. */
export type Outcome<Value> =
  | { readonly finding: Finding; readonly value: Value }
  | { readonly finding: Finding };

/** What is in order. */
export function ok<Value>(finding: string, value: Value): Outcome<Value> {
  return { finding: { status: "ok", finding }, value };
}

/** What may be in order, or does no harm yet. */
export function warn<Value>(finding: string, remedy: string, value: Value): Outcome<Value> {
  return { finding: { status: "warning", finding, remedy }, value };
}

/** What is no fault, but gives the checks after it nothing. */
export function warnOnly(finding: string, remedy: string): Outcome<never> {
  return { finding: { status: "warning", finding, remedy } };
}

export function failed(finding: string, remedy: string): Outcome<never> {
  return { finding: { status: "failed", finding, remedy } };
}

/** What could not be looked at, through no fault of the project's. */
export function skipped(finding: string, remedy?: string): Outcome<never> {
  return { finding: { status: "skipped", finding, ...(remedy === undefined ? {} : { remedy }) } };
}

/** A check that needs nothing. */
export const nothing: Need<undefined> = { met: Promise.resolve({ value: undefined }) };

/** Both values, once both are there. */
export function both<A, B>(first: Need<A>, second: Need<B>): Need<readonly [A, B]> {
  async function meet() {
    const [one, other] = await Promise.all([first.met, second.met]);
    if ("missing" in one) return one;
    return "missing" in other ? other : { value: [one.value, other.value] as const };
  }
  return { met: meet() };
}

/** The value if it is there: for a check that can do without it. */
export function ifMet<Value>(need: Need<Value>): Need<Value | undefined> {
  return {
    met: need.met.then((met) => "missing" in met ? { value: undefined } : met),
  };
}

/** The same need, met only once the check has ended, however it ends. */
export function after<Value>(check: Check<unknown>, need: Need<Value>): Need<Value> {
  return { met: check.finding.then(() => need.met) };
}

/**
 * Begins a check as soon as what it needs is there. It is skipped if that never comes, and has failed if
 * it has not ended at the deadline.
 *
 * @param deadline milliseconds since the epoch
 */
export function begin<Needed, Value>(
  name: string,
  deadline: number,
  need: Need<Needed>,
  run: (needed: Needed) => Outcome<Value> | Promise<Outcome<Value>>,
): Check<Value> {
  async function conclude(): Promise<Outcome<Value>> {
    const met = await need.met;
    if ("missing" in met) return skipped(`Not checked, because ${met.missing} did not pass`);
    try {
      const left = Math.max(0, deadline - Date.now());
      return await withinTimeLimit(Promise.resolve(run(met.value)), left);
    } catch (error) {
      if (error instanceof TimeLimitExceeded) {
        return failed("Did not end in time", "Check the network, and try again");
      }
      // Not its message, which may quote an answer.
      const kind = error instanceof Error ? error.name : typeof error;
      return failed(`Ended with an unexpected ${kind}`, "Report this as a bug of doctor");
    }
  }
  const outcome = conclude();
  return {
    name,
    finding: outcome.then(({ finding }) => finding),
    met: outcome.then((ended) => "value" in ended ? { value: ended.value } : { missing: name }),
  };
}
