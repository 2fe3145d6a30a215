import type { Printer } from "../../local/printer.ts";
import type { Report, Step } from "./step.ts";

/** Prints a step's line in the table, and below a failure what to do next. */
export function createReportPrinter(printer: Printer, steps: readonly Step[]) {
  const width = Math.max(...steps.map(({ name }) => name.length));
  return ({ name, state, note, problem }: Report) => {
    const line = `${name.padEnd(width)}  ${state.padEnd("not reached".length)}  ${note}`.trimEnd();
    if (!problem) return printer.line(line);
    printer.line(printer.bold(line));
    printer.error(`${name}: ${problem.what}.\n${problem.next}`);
  };
}
