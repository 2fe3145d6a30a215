import type { Arena } from "./arena.ts";
import { sessionTokens } from "./calls.ts";
import { reader, usersMe } from "./contenders.ts";
import { cpuRow, type Row } from "./figures.ts";
import { createRest } from "./rest.ts";
import { peerTable, someUsers } from "./tables.ts";

/** Tokens, each of another user: so many that every call brings one that no function remembers. */
export const manyTokens = 6_000;
/** Tokens that come again and again within the minute that they live. */
const fewTokens = 500;

/** Calls of users-me, in a burst and one at a time. */
export async function measureReads(arena: Arena): Promise<Row[]> {
  const { site, ours, peers, short, loading } = arena;
  const rest = createRest(peerTable, site.values.SERVICE_ROLE_KEY);
  const users = someUsers(site.rows, manyTokens);
  const tokens = await sessionTokens(users, site.instanceKey);

  async function load(title: string, connections: 1 | 64, count: number) {
    const on = (url: string) => loading(url, connections);
    const [first = ""] = users;
    const sent = tokens.slice(0, count);
    return await arena.contest(`users-me, ${connections} connections, ${title}`, [
      reader("PostgREST", on(site.url), rest.reads(users.slice(0, count))),
      await usersMe("peer", on(peers["users-me"].url), sent, first),
      await usersMe("ours", on(ours["users-me"].url), sent, first),
    ]);
  }

  const fresh = await load("new tokens", 64, manyTokens);
  const perSecond = (what: string, figures: typeof fresh, against: string) => ({
    what: `users-me, 64 connections, ${what}`,
    against,
    unit: "per second" as const,
    ours: figures("ours").perSecond,
    theirs: figures(against).perSecond,
  });
  const burst: Row = {
    ...perSecond("every token new", fresh, "peer"),
    target: { atLeast: 1.2 },
  };
  if (short) {
    const row = cpuRow("users-me, every token new", fresh("ours"), fresh("peer"), "peer");
    return [{ ...row, target: { atMost: 1 / 1.2 } }];
  }

  const known = await load("known tokens", 64, fewTokens);
  const single = await load("new tokens", 1, manyTokens);
  return [
    burst,
    perSecond("every token new", fresh, "PostgREST"),
    perSecond("tokens come again", known, "peer"),
    {
      what: "users-me, 1 connection, p50",
      against: "peer",
      unit: "ms",
      ours: single("ours").p50,
      theirs: single("peer").p50,
      target: { atMost: 1 },
    },
  ];
}
