import assert from "node:assert/strict";
import type { Part } from "../../local/supervisor/part.ts";
import type { Random } from "../support/random.ts";
import { call } from "../support/stack/supabase.ts";

/** Kills a part at moments that are counted in things begun. */
export interface Killer {
  /** Await it whenever something has begun: the moment may have come. */
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
  let begun = 0;
  let killing = Promise.resolve();

  async function kill() {
    await part.ready();
    assert.ok(part.pid, "a part that is ready has a process");
    killed.push(part.pid);
    // On a busy machine it is done with everything whenever we look. Stopped first, it is killed in the
    // middle of what it was at, and with what the gateway, in this process, hands it meanwhile.
    part.kill("SIGSTOP");
    for (let turn = 0; turn < 2; turn++) await call("none");
    part.kill("SIGKILL");
  }

  return {
    async tick() {
      begun++;
      // Nothing new begins while the part is waited for: the kill is to hit the middle of the work.
      if (moments.includes(begun)) killing = killing.then(kill);
      await killing;
    },
    async finish() {
      assert.equal(new Set(killed).size, times, `kills at ${moments} of ${begun}`);
      await part.ready();
    },
  };
}
