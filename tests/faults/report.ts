import { createPrinter } from "../../local/printer.ts";
import type { Sample } from "./load.ts";

export interface Met {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** Prints a line for the documentation's table: answers, their longest times, and the recovery. */
export function printFigures(fault: string, met: readonly Met[], recovery: number): void {
  const cells = met.map(({ name, samples }) => {
    const outcomes = [...new Set(samples.map(({ outcome }) => outcome))].sort().join(", ");
    const longest = Math.max(...samples.map(({ started, ended }) => ended - started));
    return `${name} ${outcomes} in ${milliseconds(longest)} (${samples.length})`;
  });
  const line = [fault, ...cells, `back in ${milliseconds(recovery)}`].join(" | ");
  createPrinter().line(line);
}

function milliseconds(time: number): string {
  return time < 1000 ? `${Math.round(time)} ms` : `${(time / 1000).toFixed(1)} s`;
}
