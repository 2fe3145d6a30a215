/** The alerts in docs/operations.md, as they stand there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { checkout } from "../../local/options.ts";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { rolledBack, withSql } from "../support/database/connections.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { deadAddress } from "../support/loopback_server.ts";
import { signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { deliver } from "../support/stack/deliver.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";

let own: OwnStack;
Deno.test.beforeAll(async () => {
  own = await startOwnStack({ databaseSettings: { fsync: "off" } });
  await signUp();
  await webhooksSettled();
});
Deno.test.afterAll(() => own.stop());

/** The block of this language in the section. */
function blockOf(language: string): string {
  const text = Deno.readTextFileSync(join(checkout, "docs/operations.md"));
  const section = text.split("\n## ").find((part) => part.startsWith("An alert from outside")) ??
    "";
  return new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(section)?.[1] ?? "";
}

const workflow = z.object({
  jobs: z.record(z.string(), z.object({ steps: z.array(z.object({ run: z.string() })) })),
});

/** Runs the shell's block. Returns its end and what curl says. */
async function ask(url = runningStack().API_URL) {
  const { code, stderr } = await new Deno.Command("sh", {
    args: ["-c", blockOf("sh")],
    env: {
      SUPABASE_URL: url,
      SUPABASE_SECRET_KEY: runningStack().SECRET_KEY,
      no_proxy: "127.0.0.1",
    },
  }).output();
  return { code, said: new TextDecoder().decode(stderr) };
}

/** Changes that alert, each with how it is undone. */
const troubles = {
  "a refused delivery": [
    `insert into public.clerk_deliveries (delivery_id, event_type, outcome, occurred_at)
     values ('trouble', 'user.updated', 'rejected', now())`,
    "delete from public.clerk_deliveries where delivery_id = 'trouble'",
    /1 deliveries are refused by the database/,
  ],
  "a delivery of another instance or not as Clerk describes it": [
    `insert into public.clerk_deliveries (delivery_id, event_type, outcome, occurred_at)
     values ('trouble', 'user.updated', 'invalid', now())`,
    "delete from public.clerk_deliveries where delivery_id = 'trouble'",
    /1 deliveries are refused by the webhook function/,
  ],
  "late webhooks": [
    `insert into public.clerk_deliveries (delivery_id, event_type, outcome, occurred_at)
     select 'trouble ' || n, 'user.updated', 'updated', now() - interval '10 minutes'
     from generate_series(1, 100) as n`,
    "delete from public.clerk_deliveries where delivery_id like 'trouble %'",
    /late by 00:10:00/,
  ],
  "silence": [
    `update public.clerk_deliveries set received_at = received_at - interval '1 day';
     insert into public.clerk_deliveries (delivery_id, event_type, outcome, received_at, occurred_at)
     select 'trouble ' || n, 'user.updated', 'updated', now() - interval '5 hours' - make_interval(secs => n), now()
     from generate_series(1, 1001) as n`,
    `delete from public.clerk_deliveries where delivery_id like 'trouble %';
     update public.clerk_deliveries set received_at = received_at + interval '1 day'`,
    /no webhook from Clerk for 05:00:00/,
  ],
  "differences that a reconciliation has left": [
    `insert into public.clerk_sync_runs (kind, repairs, drift, holder, held_until, ended_at, outcome)
     values ('full', false, 3, gen_random_uuid(), now(), now(), 'drift')`,
    "delete from public.clerk_sync_runs",
    /3 rows differ/,
  ],
} as const;

Deno.test("the request succeeds while all is well, with and without a reconciliation", async () => {
  assert.deepEqual(await ask(), { code: 0, said: "" });
  await withSql(async (sql) => {
    await sql`
      insert into public.clerk_sync_runs (kind, repairs, drift, holder, held_until, ended_at, outcome)
      values ('full', false, 0, gen_random_uuid(), now(), now(), 'clean')
    `;
    assert.deepEqual(await ask(), { code: 0, said: "" });
    await sql`delete from public.clerk_sync_runs`;
  });
});

for (const [what, [change, undo]] of Object.entries(troubles)) {
  Deno.test(`the request fails with 406 at ${what}`, async () => {
    await withSql(async (sql) => {
      await sql.unsafe(change);
      try {
        const { code, said } = await ask();
        assert.equal(code, 22);
        assert.match(said, /406/);
      } finally {
        await sql.unsafe(undo);
      }
    });
  });
}

Deno.test("the request fails from a wrong CLERK_INSTANCE_ID until the refused event has arrived", async () => {
  const body = eventBody("user.created", clerkUserJson({ id: newClerkId() }));
  const arrival = { id: "msg_refused" };
  const wrong = { CLERK_INSTANCE_ID: "ins_another" };
  await own.withEnvironment("clerk-webhook", wrong, async () => {
    assert.equal((await deliver(body, arrival)).status, 422);
  });
  assert.match((await ask()).said, /406/);
  assert.equal((await deliver(body, arrival)).status, 200);
  assert.deepEqual(await ask(), { code: 0, said: "" });
});

Deno.test("the request fails if nothing answers", async () => {
  assert.notEqual((await ask(deadAddress())).code, 0);
});

Deno.test("the workflow sends the same request", () => {
  const { jobs } = workflow.parse(parse(blockOf("yaml")));
  assert.deepEqual(Object.values(jobs).flatMap(({ steps }) => steps.map(({ run }) => run)), [
    blockOf("sh"),
  ]);
});

Deno.test("the job of pg_cron posts nothing while all is well, and one line at each trouble", async () => {
  await rolledBack(async (sql) => {
    // These extensions are not in PostgreSQL's own distribution.
    await sql.unsafe(`
      create schema cron;
      create table cron.jobs (command text);
      create function cron.schedule(text, text, text) returns void language sql
        as 'insert into cron.jobs values ($3)';
      create schema net;
      create table net.posts (url text, body jsonb);
      create function net.http_post(url text, body jsonb) returns void language sql
        as 'insert into net.posts values (url, body)';
    `);
    await sql.unsafe(blockOf("sql"));
    const [job] = await sql`select command from cron.jobs`;
    const { command } = z.object({ command: z.string() }).parse(job);
    await sql.unsafe(command);
    assert.equal((await sql`select from net.posts`).length, 0);
    for (const [change, undo, text] of Object.values(troubles)) {
      await sql.unsafe(change);
      await sql.unsafe(command);
      const posts = await sql`delete from net.posts returning body ->> 'text' as text`;
      assert.equal(posts.length, 1);
      assert.match(z.object({ text: z.string() }).parse(posts[0]).text, text);
      await sql.unsafe(undo);
    }
  });
});
