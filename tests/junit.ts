import { DOMParser, type Element } from "@xmldom/xmldom";

/** How many tests passed, failed or were skipped. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A test that failed, or could not be run. */
export interface FailedTest {
  readonly name: string;
  /** The error's message and stack. */
  readonly reason: string;
}

/** The result of a test run. */
export interface Result {
  readonly counts: Counts;
  readonly failures: readonly FailedTest[];
}

/** Reads a JUnit report as `deno test --junit-path` writes it. */
export function readReport(xml: string): Result {
  // The run ended before its first test, for example with a syntax error.
  if (xml === "") return { counts: { passed: 0, failed: 0, skipped: 0 }, failures: [] };
  const report = new DOMParser().parseFromString(xml, "text/xml");
  const tests = [...report.getElementsByTagName("testcase")];
  const failures = tests.flatMap((test) => {
    const failure = child(test, "failure") ?? child(test, "error");
    if (failure === undefined) return [];
    const reason = failure.textContent?.trim() || failure.getAttribute("message") || "";
    return [{ name: test.getAttribute("name") ?? "", reason }];
  });
  const skipped = tests.filter((test) => child(test, "skipped") !== undefined).length;
  const failed = failures.length;
  return { counts: { passed: tests.length - failed - skipped, failed, skipped }, failures };
}

function child(element: Element, name: string): Element | undefined {
  return [...element.getElementsByTagName(name)][0];
}
