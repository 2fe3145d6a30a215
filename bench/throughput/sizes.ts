import { sessionTokens } from "./calls.ts";
import { type Cast } from "./cast.ts";
import { compete, type Rounds } from "./contest.ts";
import { newUsers, usersMe, writer } from "./contenders.ts";
import { signUps } from "./deliveries.ts";
import type { Row } from "./figures.ts";
import type { Site } from "./site.ts";
import { manyTokens } from "./reads.ts";
import type { Subjects } from "./subjects.ts";
import { someUsers } from "./tables.ts";

/** One of the compared sites. */
export interface Place {
  readonly site: Site;
  readonly cast: Cast;
}

/** Compares our functions at a large table with the same at a small one. */
export async function measureSizes(
  places: { readonly small: Place; readonly large: Place },
  subjects: Subjects,
  rounds: Rounds,
  directory: string,
): Promise<Row[]> {
  const writers = [];
  const readers = [];
  for (const [name, { site, cast }] of Object.entries(places)) {
    const connections = 64;
    const secret = site.values.CLERK_WEBHOOK_SECRET;
    const webhook = await cast.serve(subjects.ours["clerk-webhook"]);
    writers.push(
      writer(
        name,
        { url: webhook.url, connections, directory },
        { site, table: "users" },
        newUsers(connections, (ids) => signUps(ids, secret)),
      ),
    );
    const ids = someUsers(site.rows, manyTokens);
    const me = await cast.serve(subjects.ours["users-me"]);
    readers.push(
      await usersMe(
        name,
        { url: me.url, connections, directory },
        await sessionTokens(ids, site.instanceKey),
        ids[0] ?? "",
      ),
    );
  }
  const against = places.small.site.rows.toLocaleString("en");
  const large = places.large.site.rows.toLocaleString("en");
  const rows: Row[] = [];
  for (const [what, contenders] of [["webhook", writers], ["users-me", readers]] as const) {
    const figures = await compete(contenders, rounds);
    rows.push({
      what: `${what}, 64 connections, at ${large} rows`,
      against: `at ${against}`,
      unit: "per second",
      ours: figures.get("large")?.perSecond ?? NaN,
      theirs: figures.get("small")?.perSecond ?? NaN,
      target: { atLeast: 0.9 },
    });
  }
  return rows;
}
