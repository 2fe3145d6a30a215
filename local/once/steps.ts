import type { Printer } from "../printer.ts";

/** Runs one step of a job and prints how it went. */
export type Step = <Value>(title: string, work: () => Promise<Value>) => Promise<Value>;

/** Creates steps that print a line each. A step that fails throws its error on. */
export function createSteps(printer: Printer): Step {
  return async (title, work) => {
    const start = performance.now();
    try {
      const value = await work();
      const time = `${Math.round(performance.now() - start)} ms`;
      printer.line(`  ok    ${title} ${printer.dim(`(${time})`)}`);
      return value;
    } catch (error) {
      printer.line(`  FAIL  ${title}`);
      throw error;
    }
  };
}

/** Asks again until the answer is good. */
export async function eventually<Value>(
  ask: () => Promise<Value | undefined>,
  complaint: string,
  milliseconds = 15_000,
): Promise<Value> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (Date.now() > deadline) throw new Error(complaint);
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
