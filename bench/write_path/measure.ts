export interface Case {
  readonly name: string;
  /** The highest ratio that reaches the target. */
  readonly most: number;
  /** Only this is timed. The check that it returns runs afterwards, and throws if it went wrong. */
  readonly run: () => Promise<Check>;
  readonly floor: () => Promise<Check>;
}

export type Check = () => void;

/** PostgreSQL keeps a plan from the sixth execution on. */
const warmUps = 10;

/**
 * Times a case and its floor in turn, so that other work on the machine affects both. Returns a
 * line with the medians.
 */
export async function measure({ name, most, run, floor }: Case, rounds: number): Promise<string> {
  for (let round = 0; round < warmUps; round++) {
    await timeOf(floor);
    await timeOf(run);
  }
  const times = { run: [] as number[], floor: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.floor.push(await timeOf(floor));
    times.run.push(await timeOf(run));
  }
  const [ours, theirs] = [median(times.run), median(times.floor)];
  const ratio = ours / theirs;
  const verdict = ratio <= most ? "reached" : "missed";
  return `  ${name.padEnd(52)} ${ratio.toFixed(2)} (at most ${most.toFixed(1)}: ${verdict}; ` +
    `${ours.toFixed(2)} ms, ${theirs.toFixed(2)} ms)`;
}

async function timeOf(run: () => Promise<Check>): Promise<number> {
  const started = performance.now();
  const check = await run();
  const time = performance.now() - started;
  check();
  return time;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
