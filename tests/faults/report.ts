import { createPrinter } from "../../local/printer.ts";
import type { Sample } from "./load.ts";

export interface Met {
  readonly name: string;
  readonly samples: readonly Sample[];
}

/** Prints what the documentation's table says: answers, the longest time of each, the recovery. */
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
