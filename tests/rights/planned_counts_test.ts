/**
 * What the planner's estimates tell an outsider: `Prefer: count=planned` shows them, and a filter in the
 * request makes them a question about rows that the policies hide. Asked of two worlds whose tables are of
 * the same size and differ in every value, they must not tell one world from the other.
 */
import assert from "node:assert/strict";
import { connect } from "../support/database/connections.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { tables } from "./expected.ts";
import { type World, worlds } from "./planned_worlds.ts";
import { type Principal, signed } from "./principals.ts";
import { type Probe, probesOf } from "./probes.ts";
import { send } from "./rest.ts";

const sql = await connect();
/** Tables that a signed-in user may read. */
const readable = Object.entries(tables)
  .filter(([, { columns }]) => Object.values(columns).some((right) => right.includes("r")));

/** By world and table, what each probe was answered. */
const answers: Record<string, Record<string, number>>[] = [];

Deno.test.beforeAll(async () => {
  for (const world of worlds) {
    await inWorld(world, async () => {
      const told: Record<string, Record<string, number>> = {};
      for (const [table] of readable) told[table] = await askEverything(table);
      answers.push(told);
    });
  }
});
Deno.test.afterAll(() => sql.end());

/** Runs while the world's rows are all that there is, and the planner knows them. */
async function inWorld(world: World, run: () => Promise<void>): Promise<void> {
  try {
    await empty();
    for (const [table, rows] of Object.entries(world)) {
      await sql`insert into ${sql(`public.${table}`)} ${sql([...rows])}`;
    }
    for (const [table] of readable) await sql`analyze ${sql(`public.${table}`)}`;
    await run();
  } finally {
    await empty();
  }
}

/** What other tests have left would count, too, and of a large table the planner only knows a sample. */
async function empty(): Promise<void> {
  for (const [table] of readable) await sql`truncate ${sql(`public.${table}`)}`;
}

async function askEverything(table: string): Promise<Record<string, number>> {
  const columns = await sql<{ name: string; type: string }[]>`
    select attname as name, format_type(atttypid, null) as type from pg_attribute
    where attrelid = ${`public.${table}`}::regclass and attnum > 0 and not attisdropped
  `;
  const probes: Probe[] = columns
    .filter(({ name }) => tables[table]?.columns[name]?.includes("r"))
    .flatMap(({ name, type }) => probesOf(name, type));
  assert.ok(probes.length > columns.length);
  const outsider = await anOutsider();
  const told: Record<string, number> = {};
  for (const probe of ["", ...probes]) told[probe] = await estimate(outsider, table, probe);
  return told;
}

async function anOutsider(): Promise<Principal> {
  const sub = newClerkId();
  return {
    name: "an outsider",
    standing: "nobody",
    apiKey: runningStack().ANON_KEY,
    token: await signed({ sub, sid: "sess_outsider", sts: "active" }),
    own: [],
  };
}

async function estimate(outsider: Principal, table: string, filter: string): Promise<number> {
  const { summary, headers } = await send(outsider, {
    method: "HEAD",
    path: `${table}?${filter}`,
    headers: { prefer: "count=planned" },
  });
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  assert.ok(total !== undefined, `${table}?${filter} is answered ${summary}, without a count`);
  return Number(total);
}

for (const [table] of readable) {
  Deno.test(`a planned count tells an outsider nothing about the rows of ${table}`, () => {
    const [one, other] = answers.map((told) => told[table]);
    assert.ok(one && other);
    assert.deepEqual(one, other);
  });
}
