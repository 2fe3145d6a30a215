import { readSizes } from "../../tests/support/stack/memory.ts";
import type { Arena } from "./arena.ts";
import { sessionTokens } from "./calls.ts";
import { usersMe, writer } from "./contenders.ts";
import type { Contender } from "./contest.ts";
import type { Row } from "./figures.ts";
import { manyTokens } from "./reads.ts";
import type { Served } from "./served.ts";
import { type FunctionName, functionNames } from "./subjects.ts";
import { newCallers } from "./syncs.ts";
import { peerTable, someUsers } from "./tables.ts";
import { newSignUps } from "./webhooks.ts";

/** Requests that each function answers: until then, the memory of all of them grows. */
const enough = 6_000;

/**
 * Measures what memory the functions hold after the same number of requests, at 64 connections. In the
 * same time, who is faster would have had more to do.
 */
export async function measureMemory({ site, loading, serveAfresh }: Arena): Promise<Row[]> {
  const { ours, peers } = await serveAfresh();
  const signUps = newSignUps(site, 64);
  const callers = await newCallers(site, 1);
  const users = someUsers(site.rows, manyTokens);
  const tokens = await sessionTokens(users, site.instanceKey);

  async function contenderOf(name: FunctionName, url: string, table: string): Promise<Contender> {
    const load = loading(url, 64);
    if (name === "users-me") return await usersMe(name, load, tokens, users[0] ?? "");
    const prepare = name === "clerk-webhook" ? signUps : callers;
    return writer(name, load, { site, table }, prepare);
  }

  async function sizeOf(name: FunctionName, { url, pid }: Served, table: string): Promise<number> {
    const contender = await contenderOf(name, url, table);
    for (let answered = 0; answered < enough;) answered += (await contender.run(1)).answered;
    return (await readSizes([pid])).get(pid) ?? NaN;
  }

  const rows: Row[] = [];
  for (const name of functionNames) {
    rows.push({
      what: `${name}: memory after ${enough.toLocaleString("en")} requests`,
      against: "peer",
      unit: "MiB",
      ours: await sizeOf(name, ours[name], "users"),
      theirs: await sizeOf(name, peers[name], peerTable),
      target: { atMost: 1 },
    });
  }
  return rows;
}
