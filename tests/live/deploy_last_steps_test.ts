/** The steps after the webhook: backfill, schedule, doctor. */
import { createClerkClient } from "@clerk/backend";
import assert from "node:assert/strict";
import { z } from "zod";
import { readScheduleSql } from "../../cli/hosted/schedule_sql.ts";
import type { DeployOptions } from "../../cli/deploy/run.ts";
import { canaries, type HostedProject, withEmptyProject } from "./deploy_project.ts";
import { runDeploy, withoutCli } from "./deploy_run.ts";
import { stubbedExtensions } from "../support/database/stubbed_extensions.ts";

const whole: Partial<DeployOptions> = { backfill: true, schedule: true };
/** Where an earlier deploy has brought the migrations and functions. */
const again: Partial<DeployOptions> = { ...whole, ...withoutCli };

function clerkOf({ clerkUrl }: HostedProject) {
  return createClerkClient({ secretKey: canaries.secretKey, apiUrl: clerkUrl });
}

const sent = z.tuple([z.looseObject({
  url: z.string(),
  body: z.unknown(),
  headers: z.record(z.string(), z.string()),
})]);

Deno.test("from empty accounts to rows, a schedule with stubs of its extensions, and a doctor who finds no fault", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, gateway, sql } = hosted;
    const { id } = await clerkOf(hosted).users.createUser({ firstName: "Ada" });

    const dry = await runDeploy(hosted, { ...whole, dryRun: true });
    assert.equal(dry.states.backfill, "would do", dry.output + dry.errors);
    assert.equal(dry.states.schedule, "would do");
    assert.ok(!("doctor" in dry.states));

    const asPeopleDo = { ...whole, sources: false, examine: undefined };
    const first = await runDeploy(hosted, asPeopleDo);
    const printed = first.output + first.errors;
    assert.ok(first.ok, printed);
    assert.deepEqual([first.states.backfill, first.states.schedule], ["done", "done"], printed);
    assert.match(first.output, /\nbackfill .* users: 1 read, 1 created/);
    assert.match(first.output, /\nok {7}database .*\n/);
    assert.match(first.output, / 0 failed, \d+ skipped\n/);
    const [row] = await sql`select first_name from public.users where clerk_id = ${id}`;
    assert.equal(row?.first_name, "Ada");

    // What pg_cron would run makes a request that the function takes.
    await sql`select clerk_sync.call_reconcile('recent')`;
    const [request] = sent.parse(await sql`select url, body, headers from net.sent`);
    assert.equal(request.url, `${gateway.url}/functions/v1/clerk-reconcile`);
    const { url, headers, body } = request;
    const answer = await fetch(url, { method: "POST", headers, body: JSON.stringify(body) });
    assert.equal(answer.status, 200, await answer.text());

    const key = management.secrets.get("CLERK_RECONCILE_KEY");
    const second = await runDeploy(hosted, again);
    assert.deepEqual([second.states.backfill, second.states.schedule], [
      "already so",
      "already so",
    ]);
    assert.equal(management.secrets.get("CLERK_RECONCILE_KEY"), key);
    // A job that somebody has changed, and a key that the function has lost.
    await sql`update cron.job set schedule = '* * * * *' where jobname = 'clerk-reconcile-full'`;
    management.secrets.delete("CLERK_RECONCILE_KEY");
    const third = await runDeploy(hosted, again);
    assert.equal(third.states.schedule, "done");
    assert.equal(management.secrets.get("CLERK_RECONCILE_KEY"), key);
    assert.equal((await runDeploy(hosted, again)).states.schedule, "already so");
    // The way to another key.
    await sql`delete from vault.secrets where name = 'clerk_reconcile_key'`;
    assert.equal((await runDeploy(hosted, again)).states.schedule, "done");
    assert.notEqual(management.secrets.get("CLERK_RECONCILE_KEY"), key);
    assert.equal((await runDeploy(hosted, again)).states.schedule, "already so");
  }, stubbedExtensions);
});

Deno.test("the app's origins as CLERK_AUTHORIZED_PARTIES end no deploy with a failure", async () => {
  await withEmptyProject(async (hosted) => {
    await clerkOf(hosted).users.createUser({ firstName: "Ada" });
    const environment = {
      ...hosted.environment,
      CLERK_AUTHORIZED_PARTIES: "https://app.example.com",
    };
    const options = { backfill: true, environment, examine: undefined };
    const { ok, output, errors } = await runDeploy(hosted, options);
    assert.ok(ok, output + errors);
    assert.match(output, /\nskipped +accepted-token +users-me verifies .*CLERK_AUTHORIZED_PARTIES/);
    assert.match(output, / 0 failed, \d+ skipped\n/);
  });
});

Deno.test("the schedule names the tables' schema and the function's prefix", async () => {
  const sql = await readScheduleSql({ schema: "clerk_data", prefix: "sync-" });
  assert.match(sql, /from clerk_data\.clerk_sync_runs/);
  assert.match(sql, /'\/functions\/v1\/sync-clerk-reconcile'/);
  assert.equal((await readScheduleSql({ schema: "public", prefix: "" })).includes("sync-"), false);
});

Deno.test("rows that the database refuses fail the backfill, which goes on once they are mended", async () => {
  await withEmptyProject(async (hosted) => {
    assert.ok((await runDeploy(hosted)).ok);
    await hosted.sql`alter table public.users add constraint short check (length(first_name) < 9)`;
    const { id } = await clerkOf(hosted).users.createUser({ firstName: "Wilhelmina" });
    const refused = await runDeploy(hosted, again);
    assert.equal(refused.ok, false);
    assert.equal(refused.states.backfill, "failed", refused.output);
    assert.equal(refused.states.schedule, "not reached");
    assert.match(refused.errors, new RegExp(`^rejected ${id} 23514`, "m"));
    assert.match(refused.errors, /\nbackfill: Rows were left out: 1, each named above\.\nMend /);
    await hosted.sql`alter table public.users drop constraint short`;
    const { states, errors } = await runDeploy(hosted, { ...withoutCli, backfill: true });
    assert.equal(states.backfill, "done", errors);
  });
});

Deno.test("a schedule without its extensions says which, and where to switch them on", async () => {
  await withEmptyProject(async (hosted) => {
    const { ok, states, errors } = await runDeploy(hosted, { schedule: true });
    assert.equal(ok, false);
    assert.deepEqual([states.schedule, states.doctor], ["failed", "not reached"]);
    assert.match(errors, /^schedule: The database lacks pg_cron and pg_net and supabase_vault\.\n/);
    assert.match(
      errors,
      /at https:\/\/supabase\.com\/dashboard\/project\/\w+\/database\/extensions/,
    );
    assert.equal(hosted.management.secrets.has("CLERK_RECONCILE_KEY"), false);
  });
});

Deno.test("a failed check ends deploy with a failure, a warning does not, and keys may not be shown", async () => {
  await withEmptyProject(async (hosted) => {
    const finding = { name: "drift", finding: "Rows differ", remedy: "Reconcile" };
    const find = (status: "warning" | "failed") =>
      runDeploy(hosted, {
        ...withoutCli,
        examine: () => Promise.resolve([{ ...finding, status }]),
      });
    assert.ok((await find("warning")).ok);
    const failed = await find("failed");
    assert.equal(failed.ok, false);
    assert.equal(failed.states.doctor, "failed");
    assert.match(failed.output, /\nfailed {3}drift {2}Rows differ\n +→ Reconcile\n/);
    assert.match(
      failed.errors,
      /^doctor: A check has failed\.\n.* Then run doctor, or deploy again/,
    );

    hosted.management.apiKeys.length = 0;
    const none = await runDeploy(hosted, withoutCli);
    assert.match(none.errors, /^doctor: The project shows no secret key\.\nCreate one at https/);
    hosted.management.faults.set([{ route: "GET /api-keys", status: 403 }]);
    const refused = await runDeploy(hosted, { ...withoutCli, backfill: true });
    assert.match(refused.errors, /^backfill: Supabase refused the token \(403\)/);
  });
});
