import assert from "node:assert/strict";
import type { Part } from "../../local/supervisor/part.ts";
import type { Random } from "../support/random.ts";
import { call } from "../support/stack/supabase.ts";

/** Kills a part at chosen moments. Moments are counted in actions begun. */
export interface Killer {
  /** To be awaited at each action's start. It kills the part if the moment has come. */
  tick(): Promise<void>;
  /** Asserts that each kill hit a different process, and waits until the part is back. */
  finish(): Promise<void>;
}

/**
 * @param times how often the part is killed
 * @param work how many actions there are; the kills are spread at random over the first 80 %
 */
export function createKiller(part: Part, times: number, work: number, random: Random): Killer {
  const stretch = 0.8 * work / times;
  const moments = Array.from(
    { length: times },
    (_, index) => Math.ceil(stretch * (index + random.next())),
  );
  const killed: number[] = [];
  let begun = 0;
  let killing = Promise.resolve();

  async function kill() {
    await part.ready();
    assert.ok(part.pid, "a part that is ready has a process");
    killed.push(part.pid);
    // On a busy machine the part may have finished all its work. Stopping it first makes sure that it dies
    // in the middle of its work, and of what the gateway, in this process, hands it meanwhile.
    part.kill("SIGSTOP");
    for (let turn = 0; turn < 2; turn++) await call("none");
    part.kill("SIGKILL");
  }

  return {
    async tick() {
      begun++;
      // No action begins until the kill is done, so that it hits the middle of the work.
      if (moments.includes(begun)) killing = killing.then(kill);
      await killing;
    },
    async finish() {
      assert.equal(new Set(killed).size, times, `kills at ${moments} of ${begun}`);
      await part.ready();
    },
  };
}
