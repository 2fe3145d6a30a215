import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { z } from "zod";
import { rolledBack } from "../support/database/connections.ts";

async function status(sql: TransactionSql) {
  const rows = await sql`
    select *, extract(epoch from newest_event_lag)::int as lag, extract(epoch from lag_p50)::int as p50,
      extract(epoch from lag_p95)::int as p95, extract(epoch from silence)::int as quiet,
      extract(epoch from usual_silence)::int as usual
    from public.clerk_sync_status()
  `;
  assert.equal(rows.length, 1);
  const [row] = rows;
  assert.ok(row);
  return row;
}

/** A webhook that came so many seconds ago, `lag` seconds after its event. */
async function deliver(
  sql: TransactionSql,
  ago: number,
  { lag = 1, outcome = "updated", reason = null as string | null, source = "webhook" } = {},
): Promise<void> {
  await sql`
    insert into public.clerk_deliveries (delivery_id, outcome, reason, source, occurred_at, received_at)
    values (
      ${crypto.randomUUID()}, ${outcome}, ${reason}, ${source},
      now() - make_interval(secs => ${ago + lag}), now() - make_interval(secs => ${ago})
    )
  `;
}

/** Other tests' deliveries and runs do not count. */
async function inSilence(run: (sql: TransactionSql) => Promise<void>): Promise<void> {
  await rolledBack(async (sql) => {
    await sql`delete from public.clerk_deliveries where true`;
    await sql`delete from public.clerk_sync_runs where true`;
    await run(sql);
  });
}

Deno.test("clerk_sync_status() answers with one row before anything has come", async () => {
  await inSilence(async (sql) => {
    const row = await status(sql);
    assert.deepEqual(
      [
        row.newest_event_at,
        row.lag_p50,
        Number(row.events_last_hour),
        row.silent,
        row.drift,
        row.runs,
      ],
      [null, null, 0, false, null, {}],
    );
  });
});

Deno.test("the lag is that of the newest webhook, and of those of the last hour", async () => {
  await inSilence(async (sql) => {
    for (const lag of [2, 4, 6]) await deliver(sql, 600, { lag });
    await deliver(sql, 10, { lag: 90 });
    await deliver(sql, 7200, { lag: 5000 });
    // Not a webhook.
    await deliver(sql, 1, { lag: 9000, source: "reconcile" });
    const { lag, p50, p95, events_last_hour: events, quiet } = await status(sql);
    assert.deepEqual([lag, p50, p95, Number(events)], [90, 4, 90, 4]);
    assert.ok(quiet >= 10 && quiet < 15);
  });
});

Deno.test("rejected and invalid deliveries are counted, with the first time and the usual reason", async () => {
  await inSilence(async (sql) => {
    const rejected = { outcome: "rejected", reason: "23505 users.email" };
    await deliver(sql, 500, rejected);
    await deliver(sql, 900, rejected);
    await deliver(sql, 100, { ...rejected, reason: "23502 users.phone" });
    await deliver(sql, 50, { outcome: "invalid", reason: "data.id: missing" });
    const row = await status(sql);
    const [since] = await sql`select now() - make_interval(secs => 900) as at`;
    assert.deepEqual(
      [Number(row.rejected), row.rejected_reason, row.rejected_since],
      [3, "23505 users.email", since?.at],
    );
    assert.deepEqual([Number(row.invalid), row.invalid_reason], [1, "data.id: missing"]);
  });
});

Deno.test("it is silent once it has been quiet for more than an hour and three times as long as usual", async () => {
  await inSilence(async (sql) => {
    const hour = 3600;
    for (let index = 0; index < 25; index++) await deliver(sql, 7 * hour + index * 2 * hour);
    assert.deepEqual([(await status(sql)).usual, (await status(sql)).silent], [2 * hour, true]);
    await deliver(sql, 5 * hour);
    assert.equal((await status(sql)).silent, false);
  });
});

Deno.test("silence that is usual, or about which too little is known, is no alarm", async () => {
  await inSilence(async (sql) => {
    for (let index = 0; index < 5; index++) await deliver(sql, 90_000 + index);
    const { silent, usual } = await status(sql);
    assert.deepEqual([silent, usual], [false, null]);
    for (let index = 0; index < 25; index++) await deliver(sql, 3000 + index);
    // Only an hour counts, however busy it was before.
    assert.equal((await status(sql)).silent, false);
  });
});

Deno.test("the status shows the latest run of each kind, and the drift that the last comparison left", async () => {
  await inSilence(async (sql) => {
    const run = (kind: string, ago: string, outcome: string | null, drift: number) =>
      sql`
        insert into public.clerk_sync_runs (kind, repairs, holder, held_until, started_at, ended_at, outcome, drift)
        values (
          ${kind}, true, gen_random_uuid(), now(), now() - ${ago}::interval,
          ${outcome === null ? null : new Date()}, ${outcome}, ${drift}
        )
      `;
    await run("full", "3 days", "drift", 7);
    await run("full", "1 day", "repaired", 0);
    await run("count", "1 hour", "drift", 2);
    await run("recent", "1 minute", "clean", 0);
    await run("backfill", "1 second", null, 0);
    const { drift, runs } = await status(sql);
    assert.equal(Number(drift), 2);
    const latest = z.record(z.string(), z.object({ outcome: z.string().nullable() })).parse(runs);
    assert.deepEqual(latest, {
      backfill: { outcome: null },
      count: { outcome: "drift" },
      full: { outcome: "repaired" },
      recent: { outcome: "clean" },
    });
  });
});
