import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { rolledBack } from "../support/database/connections.ts";

async function claim(
  sql: TransactionSql,
  holder: string,
  { kind = "full", repairs = true, anew = false } = {},
) {
  const [row] = await sql`
    select * from public.claim_clerk_sync_run(${kind}, ${repairs}, ${holder}, ${anew})
  `;
  assert.ok(row);
  return row;
}

async function save(
  sql: TransactionSql,
  id: unknown,
  holder: string,
  outcome: string | null = null,
) {
  const [row] = await sql`
    select public.save_clerk_sync_run(
      ${String(id)}, ${holder}, '{"cursor":"user_1"}', '{"users":{"read":500}}', 2, ${outcome}, null
    ) as saved
  `;
  return row?.saved;
}

async function read(sql: TransactionSql, id: unknown) {
  const [row] = await sql`
    select state, counts, drift::int, outcome, ended_at is not null as ended
    from public.clerk_sync_runs where id = ${String(id)}
  `;
  return row && { ...row };
}

/** As if the holder had been killed a while ago. */
async function lapse(sql: TransactionSql, id: unknown): Promise<void> {
  await sql`update public.clerk_sync_runs set held_until = now() - interval '1 second' where id = ${
    String(id)
  }`;
}

const [one, other] = [crypto.randomUUID(), crypto.randomUUID()];
const saved = { state: { cursor: "user_1" }, counts: { users: { read: 500 } }, drift: 2 };

/** Runs of other tests do not count. */
async function withoutRuns(run: (sql: TransactionSql) => Promise<void>): Promise<void> {
  await rolledBack(async (sql) => {
    await sql`delete from public.clerk_sync_runs where true`;
    await run(sql);
  });
}

Deno.test("a run that was interrupted goes on where it was saved", async () => {
  await withoutRuns(async (sql) => {
    const { id, held, resumed } = await claim(sql, one);
    assert.deepEqual([held, resumed], [true, false]);
    assert.equal(await save(sql, id, one), true);
    await lapse(sql, id);
    const again = await claim(sql, other);
    assert.deepEqual(
      [again.id, again.held, again.resumed, again.state, again.counts],
      [id, true, true, saved.state, saved.counts],
    );
  });
});

Deno.test("nobody takes over a run that another process works on", async () => {
  await withoutRuns(async (sql) => {
    const { id } = await claim(sql, one);
    const refused = await claim(sql, other);
    assert.deepEqual([refused.id, refused.held], [id, false]);
    const [row] = await sql`select public.release_clerk_sync_run(${
      String(id)
    }, ${one}) as released`;
    assert.equal(row?.released, true);
    assert.equal((await claim(sql, other)).held, true);
  });
});

Deno.test("a process that has lost its run saves nothing", async () => {
  await withoutRuns(async (sql) => {
    const { id } = await claim(sql, one);
    await lapse(sql, id);
    await claim(sql, other);
    assert.equal(await save(sql, id, one, "clean"), false);
    assert.deepEqual(await read(sql, id), {
      state: {},
      counts: {},
      drift: 0,
      outcome: null,
      ended: false,
    });
  });
});

Deno.test("an ended run keeps its counts and is not taken over", async () => {
  await withoutRuns(async (sql) => {
    const { id } = await claim(sql, one);
    assert.equal(await save(sql, id, one, "drift"), true);
    assert.deepEqual(await read(sql, id), { ...saved, state: {}, outcome: "drift", ended: true });
    assert.equal(await save(sql, id, one), false);
    assert.notEqual((await claim(sql, one)).id, id);
  });
});

Deno.test("a run is abandoned for one that does something else, or begins anew", async () => {
  await withoutRuns(async (sql) => {
    const { id: repairing } = await claim(sql, one);
    const { id: looking } = await claim(sql, one, { repairs: false });
    const { id: anew } = await claim(sql, one, { repairs: false, anew: true });
    assert.equal(new Set([repairing, looking, anew]).size, 3);
    assert.equal((await read(sql, repairing))?.outcome, "abandoned");
    assert.equal((await read(sql, looking))?.outcome, "abandoned");
    const { id: count } = await claim(sql, other, { kind: "count" });
    assert.equal((await read(sql, anew))?.ended, false);
    assert.notEqual(count, anew);
  });
});

Deno.test("since is when the last run began that has mended what can be mended", async () => {
  await withoutRuns(async (sql) => {
    assert.equal((await claim(sql, one, { kind: "recent" })).since, null);
    const { id: full, started_at: began } = await claim(sql, one);
    await save(sql, full, one, "repaired");
    assert.deepEqual((await claim(sql, one, { kind: "recent" })).since, began);
    const end = (outcome: string, repairs: boolean) =>
      sql`
        update public.clerk_sync_runs set outcome = ${outcome}, repairs = ${repairs}
        where id = ${String(full)}
      `;
    await end("drift", true);
    assert.deepEqual((await claim(sql, one, { kind: "recent" })).since, began);
    await end("drift", false);
    assert.equal((await claim(sql, one, { kind: "recent" })).since, null);
    await end("failed", true);
    assert.equal((await claim(sql, one, { kind: "recent" })).since, null);
  });
});

Deno.test("runs are kept for 90 days", async () => {
  await withoutRuns(async (sql) => {
    const old = await claim(sql, one);
    await save(sql, old.id, one, "clean");
    await sql`update public.clerk_sync_runs set ended_at = now() - interval '89 days' where true`;
    const kept = await claim(sql, one);
    await save(sql, kept.id, one, "clean");
    assert.ok(await read(sql, old.id));
    await sql`
      update public.clerk_sync_runs set ended_at = now() - interval '91 days' where id = ${
      String(old.id)
    }
    `;
    await claim(sql, one);
    assert.equal(await read(sql, old.id), undefined);
    assert.ok(await read(sql, kept.id));
  });
});
