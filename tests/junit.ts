import { DOMParser, type Element } from "@xmldom/xmldom";

/** How a test run ended. */
export interface Counts {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A test that failed, or could not be run. */
export interface FailedTest {
  readonly name: string;
  /** What it failed with: the message and the stack. */
  readonly reason: string;
}

/** What a run of tests came to. */
export interface Result {
  readonly counts: Counts;
  readonly failures: readonly FailedTest[];
}

/** What a JUnit report tells, as `deno test --junit-path` writes it. */
export function readReport(xml: string): Result {
  // Of a run that ended before its first test, as with a syntax error.
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
