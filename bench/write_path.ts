/**
 * Measures what it costs to write users with all guarantees. Compares batches of facts through
 * apply_clerk_facts() with a bare upsert of the same columns into a table of the same form, in one
 * run, over one connection, in transactions as PostgREST makes them.
 *
 * deno run -A bench/write_path.ts [--seed N] [--rounds N] [--rows N]
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import postgres, { type Sql, type TransactionSql } from "postgres";
import { z } from "zod";
import { createPrinter } from "../local/printer.ts";
import { newSeed, seededRandom } from "../tests/support/random.ts";
import { withOwnStack } from "../tests/support/stack/own_stack.ts";
import { bareUpsert, createTables, fill } from "./write_path/bare_table.ts";
import { createFacts, type TimedFact } from "./write_path/facts.ts";
import { type Case, measure } from "./write_path/measure.ts";

const whole = z.coerce.number().int().min(1);
const { seed, rounds, rows: most } = z.object({
  seed: whole.default(newSeed),
  rounds: whole.default(300),
  rows: whole.default(1_000_000),
}).parse(
  parseArgs({
    options: { seed: { type: "string" }, rounds: { type: "string" }, rows: { type: "string" } },
  }).values,
);

const printer = createPrinter();
printer.line(`seed ${seed}, ${rounds} rounds`);
const facts = createFacts(seededRandom(seed));
await withOwnStack({ databaseSettings: { fsync: "on" } }, async ({ stack }) => {
  const sql = postgres(stack.values.DB_URL, { max: 1, onnotice: () => {} });
  try {
    await compareAll(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
});

async function compareAll(sql: Sql): Promise<void> {
  await createTables(sql);
  for (const rows of [1_000, most]) {
    await fill(sql, rows);
    printer.line(`\n${rows.toLocaleString("en")} rows`);
    await compare(sql, rows);
  }
}

/** As PostgREST does for a request with the secret key. */
async function inTransaction<Result>(
  sql: Sql,
  run: (transaction: TransactionSql) => Promise<Result>,
): Promise<Result> {
  let result: { value: Result } | undefined;
  await sql.begin(async (transaction) => {
    await transaction`set local role service_role`;
    result = { value: await run(transaction) };
  });
  assert(result);
  return result.value;
}

async function compare(sql: Sql, rows: number): Promise<void> {
  let applied = 0;
  const bare = (size: number) => async () => {
    const count = await inTransaction(
      sql,
      (transaction) => bareUpsert(transaction, facts.newer(rows, size, false)),
    );
    return () => assert.equal(count, size);
  };
  const ours = (outcome: string, batchOf: () => readonly TimedFact[]) => async () => {
    const batch = batchOf();
    const outcomes = await inTransaction(sql, async (transaction) => {
      // One row comes back, as to PostgREST.
      const [row] = await transaction`
        select json_agg(outcome) as outcomes
        from public.apply_clerk_facts(${JSON.stringify(batch)}::text::jsonb)
      `;
      return row?.outcomes;
    });
    return () => {
      assert.deepEqual(outcomes, batch.map(() => outcome));
      applied += batch.filter(({ delivery }) => delivery).length;
    };
  };
  const one = ours("updated", () => facts.newer(rows, 1, false));
  const cases: readonly Case[] = [
    {
      name: "1 fact with its ledger entry / bare upsert of 1 row",
      most: 1.4,
      run: ours("updated", () => facts.newer(rows, 1, true)),
      floor: bare(1),
    },
    {
      name: "50 facts with ledger / bare upsert of 50 rows",
      most: 1.7,
      run: ours("updated", () => facts.newer(rows, 50, true)),
      floor: bare(50),
    },
    {
      name: "500 facts / bare upsert of 500 rows",
      most: 1.2,
      run: ours("updated", () => facts.newer(rows, 500, false)),
      floor: bare(500),
    },
    {
      name: "1 fact that changes nothing / 1 that does",
      most: 0.8,
      run: ours("stale", () => facts.older(rows)),
      floor: one,
    },
  ];
  const before = await countLedger(sql);
  for (const one of cases) printer.line(await measure(one, rounds));
  assert.equal(await countLedger(sql) - before, applied, "every delivery is in the ledger");
}

async function countLedger(sql: Sql): Promise<number> {
  const [row] = await sql`select count(*)::int as entries from public.clerk_deliveries`;
  return Number(row?.entries);
}
