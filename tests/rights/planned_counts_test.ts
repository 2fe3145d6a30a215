/**
 * What the planner's estimates reveal to an outsider. `Prefer: count=planned` shows them, and with a filter
 * they could tell about rows that the policies hide. Two worlds have tables of the same size that differ in
 * every value. The estimates must be the same in both.
 */
import assert from "node:assert/strict";
import { connect } from "../support/database/connections.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { tables } from "./role_matrix.ts";
import { type World, worlds } from "./planned_worlds.ts";
import { type Principal, signed } from "./principals.ts";
import { type Probe, probesOf } from "./probes.ts";
import { send } from "./rest.ts";

const sql = await connect();
/** Tables that a signed-in user may read. */
const readable = Object.entries(tables)
  .filter(([, { columns }]) => Object.values(columns).some((right) => right.includes("r")));

/** The answer to each probe, by world and table. */
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

/** Runs while the tables hold only the world's rows, and the planner knows them. */
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

/** Removes all rows, because rows of other tests would count, and large tables are only sampled. */
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
  Deno.test(`a planned count reveals nothing about the rows of ${table} to an outsider`, () => {
    const [one, other] = answers.map((told) => told[table]);
    assert.ok(one && other);
    assert.deepEqual(one, other);
  });
}
