import { trend } from "../support/stack/memory.ts";
import type { MixedLoad } from "./mixed_load.ts";

/** The figures as lines of text. */
export function describeLoad({ seconds, times, memory }: MixedLoad): string[] {
  const all = [...times.values()].flat();
  const rate = Math.round(all.length / seconds);
  return [
    `${all.length} requests in ${Math.round(seconds)} s, ${rate} a second`,
    ...[["all", all] as const, ...times].map(([name, took]) =>
      `${name}: ${took.length}, ${describeTimes(took)}`
    ),
    ...memory.map((one) => {
      const { before, after, most } = trend(one);
      return `${one.name}: memory ${before.toFixed(0)} MiB, at the end ${after.toFixed(0)}, ` +
        `at most ${most.toFixed(0)}`;
    }),
  ];
}

function describeTimes(times: readonly number[]): string {
  const sorted = Float64Array.from(times).sort();
  const at = (share: number) =>
    (sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN).toFixed(0);
  return `p50 ${at(0.5)} ms, p95 ${at(0.95)}, p99 ${at(0.99)}, max ${at(1)}`;
}
