import type { StackValues } from "../values.ts";
import { compareNow } from "./comparison.ts";
import type { Agreement } from "./snapshot.ts";

/** Milliseconds after which the double is compared again, even if nothing has changed visibly. */
const longestSilence = 10_000;
/** Milliseconds after a comparison that failed. */
const retryEvery = 1_000;

/** Knows whether the two sides agree. */
export interface AgreementMark {
  current(): Agreement;
  /** To be called when something has changed. */
  touch(): void;
  compare(): Promise<void>;
}

export interface AgreementDependencies {
  readonly values: StackValues;
  /** Compare after every change. A real instance counts requests, so it is compared only when asked. */
  readonly double: boolean;
  /** Says what is down, if something is. Requests to it might only be answered after a while. */
  readonly outage: () => string | undefined;
  readonly signal: AbortSignal;
}

export function createAgreementMark(dependencies: AgreementDependencies): AgreementMark {
  const { values, double, outage, signal } = dependencies;
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
    if (outdated) begin();
  }

  function begin(): void {
    if (double && outage() === undefined && !signal.aborted) comparing ??= compare();
  }

  return {
    current() {
      const down = outage();
      if (down !== undefined) return { state: "failed", detail: down };
      const silence = last.state === "failed" ? retryEvery : longestSilence;
      if (Date.now() - comparedAt > silence) begin();
      // That they differed a moment ago may be shown a moment longer. That they agreed may not.
      if (!outdated || (double && last.state !== "agree")) return last;
      return { state: double ? "comparing" : "unknown", detail: "Something has changed" };
    },
    touch() {
      outdated = true;
      begin();
    },
    compare: () => comparing ??= compare(),
  };
}
