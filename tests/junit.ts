/** How a test run ended. */
export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

/** The counts of a JUnit report, as `deno test --junit-path` writes it. */
export function readCounts(xml: string): Counts {
  const tests = xml.match(/<testcase\b/g)?.length ?? 0;
  const failed = xml.match(/<(?:failure|error)\b/g)?.length ?? 0;
  const skipped = xml.match(/<skipped\b/g)?.length ?? 0;
  return { passed: tests - failed - skipped, failed, skipped };
}
