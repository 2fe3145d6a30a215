import type { Arena } from "./arena.ts";
import { newUsers, type Prepared, writer } from "./contenders.ts";
import { signUps } from "./deliveries.ts";
import { cpuRow, type Row } from "./figures.ts";
import { createRest } from "./rest.ts";
import type { Site } from "./site.ts";
import { peerTable } from "./tables.ts";

/** Prepares the deliveries of new users' sign-ups. */
export function newSignUps(
  { values }: Site,
  connections: 1 | 64,
): (seconds: number) => Prepared {
  return newUsers(connections, (ids) => signUps(ids, values.CLERK_WEBHOOK_SECRET));
}

/** Sign-ups of distinct users, in a burst and one at a time. */
export async function measureWebhooks(arena: Arena): Promise<Row[]> {
  const { site, ours, peers, alone, short, loading } = arena;
  const rest = createRest(peerTable, site.values.SERVICE_ROLE_KEY);
  const inOurs = { site, table: "users" };
  const inPeers = { site, table: peerTable };

  async function load(connections: 1 | 64) {
    const on = (url: string) => loading(url, connections);
    const events = newSignUps(site, connections);
    return await arena.contest(`webhook, ${connections} connections`, [
      writer("PostgREST", on(site.url), inPeers, newUsers(connections, rest.upserts)),
      writer("peer", on(peers["clerk-webhook"].url), inPeers, events),
      writer("ours", on(ours["clerk-webhook"].url), inOurs, events),
      ...(connections === 64 && !short ? [writer("alone", on(alone.url), inOurs, events)] : []),
    ]);
  }

  const burst = await load(64);
  const rate = (what: string, mine: string, against: string, atLeast: number): Row => ({
    what,
    against,
    unit: "per second",
    ours: burst(mine).perSecond,
    theirs: burst(against).perSecond,
    target: { atLeast },
  });
  if (short) {
    const against = (name: string) => cpuRow("webhook", burst("ours"), burst(name), name);
    return [{ ...against("peer"), target: { atMost: 1 / 3.5 } }, {
      ...against("PostgREST"),
      target: { atMost: 1 / 2.5 },
    }];
  }

  const single = await load(1);
  const time = (percentile: "p50" | "p99"): Row => ({
    what: `webhook, 1 connection, ${percentile}`,
    against: "peer",
    unit: "ms",
    ours: single("ours")[percentile],
    theirs: single("peer")[percentile],
    target: { atMost: 1.1 },
  });
  return [
    rate("webhook, 64 connections", "ours", "peer", 3.5),
    rate("webhook, 64 connections", "ours", "PostgREST", 2.5),
    rate("webhook, 64 connections, one event a batch", "alone", "peer", 1),
    time("p50"),
    time("p99"),
  ];
}
