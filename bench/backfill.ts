/**
 * Measures the backfill against the usual script: batches of 500 by supabase-js' upsert without any
 * guard, and one cursor through a Clerk that takes 250 ms a page.
 *
 * deno run -A bench/backfill.ts [--rounds N] [--users N]
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import postgres from "postgres";
import { z } from "zod";
import { askDouble } from "../local/clerk/control/client.ts";
import { createPrinter } from "../local/printer.ts";
import type { StackValues } from "../local/values.ts";
import { createBackfill } from "../supabase/functions/_shared/runs/backfill.ts";
import { createGate } from "../supabase/functions/_shared/runs/gate.ts";
import { createRunner } from "../supabase/functions/_shared/runs/run.ts";
import { createSources } from "../supabase/functions/_shared/runs/sources.ts";
import { newSeed, seededRandom } from "../tests/support/random.ts";
import { withOwnStack } from "../tests/support/stack/own_stack.ts";
import { apiKnows } from "../tests/support/stack/known_tables.ts";
import { createUpsert, readByOneCursor } from "./backfill/one_cursor.ts";
import { createTables } from "./write_path/bare_table.ts";
import { createFacts } from "./write_path/facts.ts";
import { measure } from "./write_path/measure.ts";

const whole = z.coerce.number().int().min(1);
const { rounds, users } = z.object({
  rounds: whole.default(60),
  users: whole.default(150_000),
}).parse(
  parseArgs({ options: { rounds: { type: "string" }, users: { type: "string" } } }).values,
);

const batch = 500;
const printer = createPrinter();
await withOwnStack({}, async ({ stack }) => {
  const { values } = stack;
  const sql = postgres(values.DB_URL, { max: 1, onnotice: () => {} });
  try {
    await createTables(sql);
    await sql`notify pgrst, 'reload schema'`;
    await apiKnows(["bare"]);
    printer.line("\nDatabase side, through the API, batches of 500");
    await compareWriting(values);
    await compareSideBySide(values);
    await sql`truncate public.users, public.bare cascade`;
    printer.line(`\nA Clerk that takes 250 ms a page, ${users.toLocaleString("en")} users`);
    await compareReading(values);
  } finally {
    await sql.end({ timeout: 1 });
  }
});

function sourcesOf(values: StackValues) {
  return createSources({
    clerk: { apiUrl: values.CLERK_API_URL, secretKey: values.CLERK_SECRET_KEY },
    supabase: { url: values.API_URL, key: values.SERVICE_ROLE_KEY },
    signal: new AbortController().signal,
    // As for a production instance: half of its limit.
    pace: 500,
  });
}

async function compareWriting(values: StackValues): Promise<void> {
  const { database } = sourcesOf(values);
  const upsert = createUpsert(values);
  const facts = createFacts(seededRandom(newSeed()));
  let newcomers = 0;
  /** A batch of users whom neither table has. */
  const created = () => {
    newcomers += batch;
    return facts.newer(batch, batch, false)
      .map((fact, index) => ({ ...fact, clerk_id: `user_new_${newcomers + index}` }));
  };
  const cases = [
    { name: "500 new users / upsert of 500", batchOf: created },
    { name: "500 changed users / upsert of 500", batchOf: () => facts.newer(5_000, batch, false) },
  ];
  for (const { name, batchOf } of cases) {
    const line = await measure({
      name,
      // 0.9 of the floor's speed.
      most: 1 / 0.9,
      run: async () => {
        const written = await database.apply(batchOf());
        return () => assert(written.ok);
      },
      floor: async () => {
        await upsert(batchOf());
        return () => {};
      },
    }, rounds);
    printer.line(line);
  }
}

/** As the backfill writes: while one batch is under way, others are sent. */
async function compareSideBySide(values: StackValues): Promise<void> {
  const { database } = sourcesOf(values);
  const upsert = createUpsert(values);
  const facts = createFacts(seededRandom(newSeed()));
  let newcomers = 1_000_000;
  const created = () =>
    facts.newer(batch, batch, false).map((fact) => ({
      ...fact,
      clerk_id: `user_new_${newcomers++}`,
    }));
  const batches = () => Array.from({ length: 6 }, created);
  const line = await measure({
    name: "6 batches, 3 at a time / 6 upserts in a row",
    most: 1 / 0.9,
    run: async () => {
      const gate = createGate(3);
      const written = await Promise.all(
        batches().map((facts) => gate(() => database.apply(facts))),
      );
      return () => assert(written.every(({ ok }) => ok));
    },
    floor: async () => {
      for (const facts of batches()) await upsert(facts);
      return () => {};
    },
  }, Math.ceil(rounds / 3));
  printer.line(line);
}

async function compareReading(values: StackValues): Promise<void> {
  await ask(values, "DELETE", "everything");
  for (let left = users; left > 0; left -= 20_000) {
    await ask(values, "POST", "users/bulk", {
      users: Math.min(left, 20_000),
      seed: left,
      created_from: Date.UTC(2021, 0),
      created_to: Date.UTC(2026, 0),
    });
  }
  await ask(values, "PUT", "faults", { faults: [{ route: "GET /v1/*", delay_ms: 250 }] });
  const upsert = createUpsert(values);
  const theirs = await timeOf(async () => {
    assert.equal(await readByOneCursor(values, upsert), users);
  });
  const { store, pace, ...sources } = sourcesOf(values);
  const ours = await timeOf(async () => {
    const signal = new AbortController().signal;
    const job = createBackfill({ ...sources, report: () => true });
    const advanced = await createRunner(store)(job, { signal });
    assert(advanced.ok && advanced.value.status === "ended");
    assert.equal(advanced.value.ending.counts.user.created, users);
  });
  const ratio = theirs / ours;
  printer.line(
    `  one cursor / backfill  ${ratio.toFixed(1)} (at least 6: ${
      ratio >= 6 ? "reached" : "missed"
    }; ${seconds(theirs)}, ${seconds(ours)} with ${pace.taken} requests)`,
  );
}

async function ask(values: StackValues, method: string, path: string, body?: unknown) {
  const response = await askDouble(values, method, path, body);
  assert.equal(response.status, 200, await response.text());
}

async function timeOf(work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return performance.now() - started;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
