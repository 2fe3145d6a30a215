/** Backfill and reconcile among many users. USERS=100000 takes two minutes. */
import assert from "node:assert/strict";
import { withSql } from "../support/database/connections.ts";
import { printedSeed } from "../support/random.ts";
import { makeUsers } from "./clerk_side.ts";
import { drifts, foundOrganizations, readCast } from "./drift.ts";
import { linesOf, run } from "./engine.ts";
import { startEmpty } from "./tables.ts";

const seed = printedSeed("many users");
const users = Number(Deno.env.get("USERS") ?? 20_000);

Deno.test(`among ${users} users every kind of drift is found and mended`, async (t) => {
  await startEmpty();
  await makeUsers(users, seed);
  await foundOrganizations(12);

  await t.step("a backfill writes them all", async () => {
    const { ending } = await run("backfill");
    assert.deepEqual([ending.outcome, ending.counts.user.created], ["complete", users]);
  });

  await t.step("--count finds a few missing and extra with tens of requests", async () => {
    const planted = drifts.filter(({ name }) =>
      ["a missing row of users", "a user whom Clerk does not have"].includes(name)
    );
    assert.equal(planted.length, 2);
    const lines = await withSql(async (sql) => {
      const cast = await readCast(sql);
      return (await Promise.all(planted.map(({ plant }) => plant(sql, cast)))).flat().sort();
    });
    const found = await run("count");
    assert.deepEqual(linesOf(found), lines);
    assert.ok(found.requests < 70, `${found.requests} requests`);
    assert.equal((await run("count", { repairs: true })).ending.outcome, "repaired");
    const clean = await run("count");
    assert.deepEqual(clean.findings, []);
    assert.ok(clean.requests < 30, `${clean.requests} requests`);
  });

  await t.step("a full reconciliation finds all, mends all, and then finds nothing", async () => {
    const lines = await withSql(async (sql) => {
      const cast = await readCast(sql);
      const planted: string[] = [];
      for (const { name, plant, final } of drifts) {
        // This one was planted and deleted above: its row remains.
        if (final || name === "a user whom Clerk does not have") continue;
        planted.push(...await plant(sql, cast));
      }
      return planted.sort();
    });
    assert.deepEqual(linesOf(await run("full")), lines);
    const mended = await run("full", { repairs: true });
    assert.deepEqual(linesOf(mended), lines);
    assert.equal(mended.ending.outcome, "repaired");
    assert.deepEqual((await run("full")).findings, []);
  });
});
