import assert from "node:assert/strict";
import { join } from "node:path";
import { pause } from "../../tests/support/eventually.ts";
import { calls } from "./calls.ts";
import type { Contender } from "./contest.ts";
import { load, type Measurement } from "./load.ts";
import type { Site } from "./site.ts";
import { countRun, removeRun } from "./tables.ts";
import { userIds } from "./users.ts";

export interface Loading {
  readonly url: string;
  readonly connections: 1 | 64;
  /** For the prepared requests. */
  readonly directory: string;
}

/** Requests of one run, each about another one of its users. */
export interface Prepared {
  readonly run: string;
  readonly requests: readonly string[];
}

/**
 * Writes users, each one once. Whatever is answered must be in the table, and at most what was under
 * way at the end beside it.
 *
 * @param table where they must be found
 */
export function writer(
  name: string,
  { url, connections, directory }: Loading,
  { site, table }: { readonly site: Site; readonly table: string },
  prepare: (seconds: number) => Prepared,
): Contender {
  return {
    name,
    async run(seconds) {
      const { run, requests } = prepare(seconds);
      const loading = { url, connections, seconds, requests };
      const measured = await load(loading, join(directory, "requests"));
      const written = await settledCount(() => countRun(site.sql, table, run));
      await removeRun(site.sql, table, run);
      check(name, measured);
      assert.ok(measured.answered <= requests.length, `${name}: too few requests were prepared`);
      assert.ok(
        written >= measured.answered && written <= measured.answered + connections,
        `${name}: ${measured.answered} were answered, but ${written} are in the table`,
      );
      return measured;
    },
  };
}

/** Counts again until nothing is added: wrk leaves what was under way behind, and it may still be written. */
async function settledCount(count: () => Promise<number>): Promise<number> {
  let before = await count();
  for (;;) {
    await pause(500);
    const now = await count();
    if (now === before) return now;
    before = now;
  }
}

/** Prepares the sign-ups of new users. */
export function newUsers(
  connections: Loading["connections"],
  requestsFor: (ids: readonly string[]) => readonly string[],
): (seconds: number) => Prepared {
  // More than anything here can answer in a second.
  const perSecond = connections === 1 ? 2_000 : 10_000;
  return (seconds) => {
    const run = crypto.randomUUID().slice(0, 8);
    return { run, requests: requestsFor(userIds(run, perSecond * seconds)) };
  };
}

/** Sends the same requests again and again. */
export function reader(
  name: string,
  { url, connections, directory }: Loading,
  requests: readonly string[],
): Contender {
  return {
    name,
    async run(seconds) {
      const loading = { url, connections, seconds, requests };
      const measured = await load(loading, join(directory, "requests"));
      check(name, measured);
      return measured;
    },
  };
}

/** Calls users-me with these tokens. Each user must get their own row. */
export async function usersMe(
  name: string,
  loading: Loading,
  tokens: readonly string[],
  userId: string,
): Promise<Contender> {
  const headers = { authorization: `Bearer ${tokens[0]}` };
  const response = await fetch(`${loading.url}/users-me`, { headers });
  assert.match(await response.text(), new RegExp(`"clerk_id":"${userId}"`), name);
  return reader(name, loading, calls("GET", "users-me", tokens));
}

function check(name: string, { failed }: Measurement): void {
  assert.equal(failed, 0, `${name}: some requests failed`);
}
