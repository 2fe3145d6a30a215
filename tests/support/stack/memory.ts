import type { Part } from "../../../local/supervisor/part.ts";
import { listProcesses } from "../processes.ts";

/** A process' resident memory over time, in MiB. */
export interface Memory {
  readonly name: string;
  readonly mebibytes: readonly number[];
}

/** Reads the parts' memory once a second until stopped. */
export function watchMemory(parts: readonly Part[]): { stop(): Promise<readonly Memory[]> } {
  const readings = new Map(parts.map((part) => [part, [] as number[]]));
  let reading = Promise.resolve();
  const timer = setInterval(() => reading = reading.then(read), 1000);

  async function read() {
    const sizes = await readSizes(parts.map(({ pid }) => pid ?? 0));
    for (const [part, mebibytes] of readings) {
      const size = sizes.get(part.pid ?? 0);
      if (size !== undefined) mebibytes.push(size);
    }
  }

  return {
    async stop() {
      clearInterval(timer);
      await reading;
      return [...readings].map(([{ name }, mebibytes]) => ({ name, mebibytes }));
    },
  };
}

/** Resident memory by process id, in MiB. */
export async function readSizes(pids: readonly number[]): Promise<Map<number, number>> {
  const processes = (await listProcesses()).filter(({ pid }) => pids.includes(pid));
  return new Map(processes.map(({ pid, memory }) => [pid, memory / 1024]));
}

/** The medians of the second quarter and the last. The first quarter is for warming up. */
export function trend({ mebibytes }: Memory): { before: number; after: number; most: number } {
  const quarter = Math.floor(mebibytes.length / 4);
  return {
    before: median(mebibytes.slice(quarter, 2 * quarter)),
    after: median(mebibytes.slice(-quarter)),
    most: Math.max(...mebibytes),
  };
}

function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((left, right) => left - right);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}
