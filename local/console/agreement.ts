import type { StackValues } from "../values.ts";
import { compareNow } from "./comparison.ts";
import type { Agreement } from "./snapshot.ts";

/** Milliseconds after which the double is compared again, even if nothing has changed visibly. */
const longestSilence = 10_000;

/** Knows whether the two sides agree. */
export interface AgreementMark {
  current(): Agreement;
  /** To be called when something has changed. */
  touch(): void;
  compare(): Promise<void>;
}

/** With the double, compares after every change. A real instance counts requests: only when asked. */
export function createAgreementMark(
  values: StackValues,
  double: boolean,
  signal: AbortSignal,
): AgreementMark {
  let last: Agreement = { state: "unknown", detail: "Not compared yet" };
  let comparedAt = 0;
  let outdated = false;
  let comparing: Promise<void> | undefined;

  async function compare(): Promise<void> {
    comparedAt = Date.now();
    outdated = false;
    try {
      last = await compareNow(values, double, signal);
    } catch (error) {
      last = { state: "failed", detail: error instanceof Error ? error.message : String(error) };
    }
    comparing = undefined;
    if (outdated && double && !signal.aborted) comparing = compare();
  }

  return {
    current() {
      if (double && Date.now() - comparedAt > longestSilence) comparing ??= compare();
      if (!outdated || last.state === "unknown") return last;
      if (!double) return { state: "unknown", detail: "Something has changed since" };
      return { state: "comparing", detail: last.detail };
    },
    touch() {
      outdated = true;
      if (double) comparing ??= compare();
    },
    compare: () => comparing ??= compare(),
  };
}
