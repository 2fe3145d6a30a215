import type { Log } from "./log.ts";
import { describeExit, type Exit } from "./process.ts";

/**
 * What to do about a part that does not stay up. `fail`: give up the whole stack. `wait`: keep trying,
 * but if the process ended by itself during its start, wait for `restart()`.
 */
export type Hopeless = "fail" | "wait";

/** Milliseconds in which a death counts as recent. */
const period = 10_000;
const limit = 3;

/** Counts deaths. `add()` returns the number of recent ones, this one included. */
export function countDeaths(): { add(): number } {
  let times: number[] = [];
  return {
    add: () => {
      const now = Date.now();
      times = [...times.filter((time) => now - time < period), now];
      return times.length;
    },
  };
}

/** Decides what to do after a death that nobody ordered. */
export function judge({ hopeless, atStart, answered, recent, exit }: {
  hopeless: Hopeless;
  /** It died before it answered. */
  atStart: boolean;
  /** It has answered before, in an earlier process. */
  answered: boolean;
  recent: number;
  exit: Exit;
}): "again" | "wait" | "fail" {
  if (hopeless === "wait") return atStart && exit.signal === null ? "wait" : "again";
  return (atStart && !answered) || recent >= limit ? "fail" : "again";
}

/** How long to wait before the next start, in ms. */
export function backOff(recent: number): number {
  return Math.min(100 * 4 ** (recent - 1), 2000);
}

/** Describes the failure, with the end of the log. */
export function describeFailure(name: string, exit: Exit, atStart: boolean, log: Log): string {
  const what = atStart ? "did not start" : `died ${limit} times within ${period / 1000} s`;
  const tail = log.tail(15).map((line) => `  ${line}`).join("\n");
  return `${name} ${what} (${describeExit(exit)}). The end of ${log.path}:\n${tail}`;
}
