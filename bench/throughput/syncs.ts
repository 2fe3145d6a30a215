import type { Arena } from "./arena.ts";
import { calls, sessionTokens } from "./calls.ts";
import { clerksDelay } from "./cast.ts";
import { type Prepared, writer } from "./contenders.ts";
import type { Row } from "./figures.ts";
import type { Site } from "./site.ts";
import { peerTable } from "./tables.ts";
import { userIds } from "./users.ts";

const connections = 64;

/** Prepares calls of users-sync by users who are new, each one once. */
export async function newCallers(site: Site, seconds: number): Promise<() => Prepared> {
  const run = "syncing";
  // Clerk's time leaves room for no more calls.
  const users = userIds(run, connections * (1_000 / clerksDelay) * seconds);
  const requests = calls("POST", "users-sync", await sessionTokens(users, site.instanceKey));
  return () => ({ run, requests });
}

/** Calls of users-sync by users who are new. */
export async function measureSyncs(
  { site, ours, peers, loading, contest }: Arena,
  seconds: number,
): Promise<Row[]> {
  const prepare = await newCallers(site, seconds);
  const figures = await contest(`users-sync, ${connections} connections`, [
    writer(
      "peer",
      loading(peers["users-sync"].url, connections),
      { site, table: peerTable },
      prepare,
    ),
    writer("ours", loading(ours["users-sync"].url, connections), { site, table: "users" }, prepare),
  ]);
  return [{
    what: `users-sync, ${connections} connections, Clerk answers in ${clerksDelay} ms`,
    against: "peer",
    unit: "per second",
    ours: figures("ours").perSecond,
    theirs: figures("peer").perSecond,
    target: { atLeast: 1 },
  }];
}
