import type { Measurement } from "./load.ts";

/** Takes part in a comparison. */
export interface Contender {
  readonly name: string;
  /** Loads it for some seconds, and throws if what was counted is not so. */
  run(seconds: number): Promise<Measurement>;
}

/** Medians over all rounds. */
export interface Figures {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Microseconds of an answer, of all processes together. The least: what disturbs only adds to it. */
  readonly cpu: number;
}

export interface Rounds {
  readonly rounds: number;
  /** Each contender's load in each round. */
  readonly seconds: number;
}

/**
 * Loads the contenders in turn, round after round, so that whatever else the machine does affects them
 * all. Each one is warmed up first.
 */
export async function compete(
  contenders: readonly Contender[],
  { rounds, seconds }: Rounds,
): Promise<ReadonlyMap<string, Figures>> {
  const measurements = new Map(contenders.map(({ name }) => [name, [] as Measurement[]]));
  for (const contender of contenders) await contender.run(seconds);
  for (let round = 0; round < rounds; round++) {
    for (const contender of contenders) {
      measurements.get(contender.name)?.push(await contender.run(seconds));
    }
  }
  return new Map([...measurements].map(([name, all]) => [name, {
    perSecond: median(all.map(({ answered, seconds }) => answered / seconds)),
    p50: median(all.map(({ p50 }) => p50)),
    p99: median(all.map(({ p99 }) => p99)),
    cpu: Math.min(...all.map(({ cpu }) => cpu)),
  }]));
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
