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

/** The counts of a JUnit report, as `deno test --junit-path` writes it. */
export function readCounts(xml: string): Counts {
  const tests = xml.match(/<testcase\b/g)?.length ?? 0;
  const failed = xml.match(/<(?:failure|error)\b/g)?.length ?? 0;
  const skipped = xml.match(/<skipped\b/g)?.length ?? 0;
  return { passed: tests - failed - skipped, failed, skipped };
}

function unescape(text: string): string {
  return text
    .replace(
      /&#(x?)([0-9a-f]+);/gi,
      (_, hex: string, code: string) => String.fromCodePoint(parseInt(code, hex === "" ? 10 : 16)),
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&quot;", '"')
    .replaceAll("&apos;", "'")
    .replaceAll("&amp;", "&");
}

/** The failed tests of a JUnit report. */
export function readFailures(xml: string): FailedTest[] {
  const failures: FailedTest[] = [];
  for (const [test] of xml.matchAll(/<testcase\b[^>]*[^/]>[\s\S]*?<\/testcase>/g)) {
    const failure = /<(failure|error)\b([^>]*?)(?:\/>|>([\s\S]*?)<\/\1>)/.exec(test);
    if (failure === null) continue;
    const name = /\bname="([^"]*)"/.exec(test)?.[1] ?? "";
    const message = /\bmessage="([^"]*)"/.exec(failure[2] ?? "")?.[1] ?? "";
    failures.push({ name: unescape(name), reason: unescape(failure[3] ?? message).trim() });
  }
  return failures;
}
