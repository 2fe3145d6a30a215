import assert from "node:assert/strict";
import type { Part } from "../../local/supervisor/part.ts";
import type { Random } from "../concurrency/random.ts";

/** Kills a part at moments that are counted in things done. */
export interface Killer {
  /** Await it whenever something is done: the moment may have come. */
  tick(): Promise<void>;
  /** Asserts that each kill hit another process, and waits until the part is back. */
  finish(): Promise<void>;
}

/**
 * @param times how often
 * @param work how much is done in all; each kill comes somewhere in a part of its own of the first 80 %
 */
export function createKiller(part: Part, times: number, work: number, random: Random): Killer {
  const stretch = 0.8 * work / times;
  const moments = Array.from(
    { length: times },
    (_, index) => Math.ceil(stretch * (index + random.next())),
  );
  const killed: number[] = [];
  let done = 0;
  let killing = Promise.resolve();

  async function kill() {
    await part.ready();
    assert.ok(part.pid, "a part that is ready has a process");
    killed.push(part.pid);
    part.kill("SIGKILL");
  }

  return {
    async tick() {
      done++;
      // Nothing new begins while the part is waited for: the kill is to hit the middle of the work.
      if (moments.includes(done)) killing = killing.then(kill);
      await killing;
    },
    async finish() {
      assert.equal(new Set(killed).size, times, `kills at ${moments} of ${done}`);
      await part.ready();
    },
  };
}
