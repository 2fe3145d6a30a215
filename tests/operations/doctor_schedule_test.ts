/** The reconciliation on a schedule, which a project may do without. */
import assert from "node:assert/strict";
import type { Sql } from "postgres";
import { readScheduleSql } from "../../cli/hosted/schedule_sql.ts";
import { keepInVault, vaultNames } from "../../cli/hosted/vault.ts";
import { answers } from "../../local/gateway/answers.ts";
import { withSql } from "../support/database/connections.ts";
import { stubbedExtensions } from "../support/database/stubbed_extensions.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { assertFindings, type Chain, type Disturb, startChain } from "./doctor_chain.ts";

let chain: Chain;
Deno.test.beforeAll(async () => {
  chain = await startChain();
});
Deno.test.afterAll(() => chain.stop());

/** Answers in clerk-reconcile's place. */
function answering(answer: () => Response): Disturb {
  return ({ url }) =>
    new URL(url).pathname === "/functions/v1/clerk-reconcile" ? answer() : undefined;
}

/** An error in the form of this project's functions. */
function refuse(status: number, code: string, message: string) {
  const headers = { "x-request-id": "id" };
  return () => Response.json({ error: { code, message, request_id: "id" } }, { status, headers });
}

const withoutKey = answering(
  refuse(500, "server_misconfigured", "CLERK_RECONCILE_KEY environment variable is required"),
);

Deno.test("without a schedule, clerk-reconcile need neither be deployed nor have a key", async () => {
  const found = await chain.examine();
  assertFindings(found, {});
  assert.match(found.find(({ name }) => name === "schedule")?.finding ?? "", /has no job/);
  assertFindings(await chain.examine({ disturb: answering(answers.functionNotFound) }), {
    skipped: ["clerk-reconcile"],
  });
  assertFindings(await chain.examine({ disturb: withoutKey }), {});
  assertFindings(await chain.examine({ disturb: answering(() => Response.json({ done: true })) }), {
    failed: { "clerk-reconcile": [/not this project's function/, /functions deploy/] },
  });
  const DB_CONNECTION_STRING = undefined;
  assertFindings(await chain.examine({ environment: { DB_CONNECTION_STRING } }), {
    skipped: ["schedule"],
  });
});

/** Runs while pg_cron would call the function with this stack's key. */
async function withSchedule(run: (sql: Sql) => Promise<void>) {
  await withSql(async (sql) => {
    await sql.unsafe(stubbedExtensions);
    try {
      await keepInVault(sql, vaultNames.url, `${chain.environment.SUPABASE_URL}`);
      await keepInVault(sql, vaultNames.key, runningStack().CLERK_RECONCILE_KEY);
      await sql.unsafe(await readScheduleSql({ schema: "public", prefix: "" }));
      await run(sql);
    } finally {
      await sql`drop function if exists clerk_sync.call_reconcile(text)`;
      await sql`drop schema cron, net, vault cascade`;
    }
  });
}

Deno.test("with a schedule, a function that is missing, unprotected or has another key fails", async () => {
  await withSchedule(async (sql) => {
    const found = await chain.examine();
    assertFindings(found, {});
    assert.match(
      found.find(({ name }) => name === "clerk-reconcile")?.finding ?? "",
      /takes the schedule's key, and refuses another/,
    );
    const cases = [
      [answering(answers.functionNotFound), /is not deployed/, /functions deploy/],
      [withoutKey, /CLERK_RECONCILE_KEY is missing or wrong/, /secrets set/],
      [
        answering(refuse(400, "invalid_request", "kind must be one of recent")),
        /answers invalid_request/,
        /functions deploy/,
      ],
    ] as const;
    for (const [disturb, finding, remedy] of cases) {
      assertFindings(await chain.examine({ disturb }), {
        failed: { "clerk-reconcile": [finding, remedy] },
      });
    }
    await keepInVault(sql, vaultNames.key, "another key of 32 characters or more");
    assertFindings(await chain.examine(), {
      failed: { "clerk-reconcile": [/does not take the key/, /deploy with --schedule/] },
    });
    const runs = await sql`select from public.clerk_sync_runs`;
    assert.equal(runs.length, 0, "doctor begins no run");
  });
});

Deno.test("a schedule that is changed, of another project, or without its key is named", async () => {
  await withSchedule(async (sql) => {
    await sql`update cron.job set active = false where jobname = 'clerk-reconcile-full'`;
    assertFindings(await chain.examine(), {
      warning: { schedule: [/missing, switched off or changed/, /deploy with --schedule/] },
    });
    await keepInVault(sql, vaultNames.url, "https://zyxwvutsrqponmlkjihg.supabase.co");
    assertFindings(await chain.examine(), {
      failed: { schedule: [/another project/, /deploy with --schedule/] },
    });
    await sql`delete from vault.secrets where name = ${vaultNames.key}`;
    assertFindings(await chain.examine(), {
      failed: { schedule: [/vault lacks/, /deploy with --schedule/] },
    });
  });
});
