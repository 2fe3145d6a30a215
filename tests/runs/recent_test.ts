import assert from "node:assert/strict";
import { withSql } from "../support/database/connections.ts";
import { printedSeed } from "../support/random.ts";
import { clerk, signUp, webhooksSettled, withoutWebhooks } from "../support/stack/clerk.ts";
import { pauseWebhooks } from "../support/stack/svix_messages.ts";
import { pause } from "../support/eventually.ts";
import { makeUsers, removeSilently } from "./clerk_side.ts";
import { foundOrganizations, readCast } from "./drift.ts";
import { linesOf, run } from "./engine.ts";
import { assertAsClerk, startEmpty } from "./tables.ts";

const seed = printedSeed("recent");

async function begin(users = 1_200): Promise<readonly string[]> {
  await startEmpty();
  await makeUsers(users, seed);
  await foundOrganizations(2);
  await run("backfill");
  return (await withSql(readCast)).users;
}

Deno.test(`--recent finds what has changed since the last run, in a few requests`, async () => {
  const [changed = "", banned = "", spoiled = ""] = await begin();
  const created = await withoutWebhooks(async () => {
    await clerk().users.updateUser(changed, { firstName: "Changed" });
    await clerk().users.banUser(banned);
    return await signUp();
  });
  await withSql((sql) =>
    sql`update public.users set last_name = 'old drift' where clerk_id = ${spoiled}`
  );
  const found = await run("recent");
  const lines = [
    `missing ${created.id}`,
    `stale ${changed} clerk_updated_at first_name image_url`,
    `wrongly_active ${banned} banned clerk_updated_at`,
  ].sort();
  assert.deepEqual(linesOf(found), lines);
  assert.ok(found.requests < 10, `${found.requests} requests`);
  assert.equal((await run("recent", { repairs: true })).ending.outcome, "repaired");
  assert.deepEqual(linesOf(await run("full")), [`stale ${spoiled} last_name`]);
});

Deno.test("a change whose webhook is under way is no drift", async () => {
  const [changed = "", deleted = ""] = await begin();
  await pauseWebhooks(true);
  try {
    await clerk().users.updateUser(changed, { firstName: "Changed" });
    await clerk().users.deleteUser(deleted);
    const created = await signUp();
    const running = Promise.all([run("full", { settling: 2_500 })]);
    await pause(700);
    await pauseWebhooks(false);
    const [{ ending, findings }] = await running;
    assert.deepEqual([ending.outcome, findings], ["clean", []], created.id);
  } finally {
    await pauseWebhooks(false);
  }
});

Deno.test("a user who is deleted while their row is mended is no drift", async () => {
  await begin(200);
  const { id } = await withoutWebhooks(signUp);
  const { ending, findings } = await run("full", {
    repairs: true,
    async afterRepair() {
      await clerk().users.deleteUser(id);
      await webhooksSettled();
    },
  });
  assert.deepEqual([ending.outcome, ending.drift], ["repaired", 0], JSON.stringify(findings));
  await assertAsClerk();
});

Deno.test("a row that the database refuses stays drift, although Clerk shows the user no more", async () => {
  await begin(200);
  const { id } = await withoutWebhooks(signUp);
  await withSql((sql) =>
    sql.unsafe(`alter table public.users add constraint app_check check (clerk_id <> '${id}')`)
  );
  try {
    const { ending, findings } = await run("full", {
      repairs: true,
      afterRepair: () => removeSilently(id),
    });
    assert.equal(ending.outcome, "drift");
    assert.deepEqual(findings.map(({ id, repaired }) => [id, repaired]), [[id, false]]);
  } finally {
    await withSql((sql) => sql`alter table public.users drop constraint app_check`);
  }
});

Deno.test("beside live webhooks a reconciliation finds nothing, and a backfill undoes nothing", async () => {
  const users = await begin();
  let over = false;
  async function live(): Promise<void> {
    for (let turn = 0; !over; turn++) {
      const id = users[turn % 8] ?? "";
      await clerk().users.updateUser(id, { firstName: `Turn ${turn}` });
      const { id: newcomer } = await signUp();
      if (turn % 3 === 0) await clerk().users.deleteUser(newcomer);
      await pause(20);
    }
  }
  const living = live();
  try {
    const found = await run("full", { settling: 3_000 });
    assert.deepEqual([found.ending.outcome, found.findings], ["clean", []]);
    assert.equal((await run("backfill")).ending.outcome, "complete");
    assert.equal((await run("full", { repairs: true })).ending.drift, 0);
  } finally {
    over = true;
    await living;
  }
  await webhooksSettled();
  await assertAsClerk();
});
