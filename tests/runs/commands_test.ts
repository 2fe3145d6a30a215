import assert from "node:assert/strict";
import { z } from "zod";
import { withSql } from "../support/database/connections.ts";
import { printedSeed } from "../support/random.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { makeUsers, removeSilently, withFaults } from "./clerk_side.ts";
import { command, project, start } from "./command.ts";
import { foundOrganizations, readCast } from "./drift.ts";
import { pause } from "../support/eventually.ts";
import { assertAsClerk, readRuns, readVersions, startEmpty } from "./tables.ts";

const seed = printedSeed("commands");

async function begin(users = 1_100): Promise<void> {
  await startEmpty();
  await makeUsers(users, seed);
  await foundOrganizations(2);
}

Deno.test(`backfill says what it would write, writes it, and says what it wrote`, async () => {
  await begin();
  const dry = await command("backfill", ["--dry-run"]);
  const summary = [
    "users: 1,100 read, 1,100 created",
    "organizations: 2 read, 2 created",
    "memberships: 4 read, 4 created",
  ];
  assert.deepEqual([dry.code, dry.lines], [0, summary], dry.errors);
  assert.match(dry.errors, /Nothing was written/);
  assert.equal(await readVersions(), "[]");
  assert.deepEqual(await readRuns(), [], "a dry run leaves no run");

  const written = await command("backfill");
  assert.deepEqual([written.code, written.lines], [0, summary]);
  const { host } = new URL(runningStack().API_URL);
  assert.ok(written.errors.includes(`a development instance) to ${host}\n`), written.errors);
  await assertAsClerk();

  const again = await command("backfill", ["-o", "json"]);
  const document = JSON.parse(again.lines.join(""));
  assert.deepEqual([document.outcome, document.findings, document.counts.user], [
    "complete",
    [],
    { listed: 1_100, unchanged: 1_100 },
  ]);
});

Deno.test("reconcile exits with 2 for drift, 0 once it is mended, and shows no value", async () => {
  await begin();
  await command("backfill");
  const [stale = "", missing = ""] = await withSql(async (sql) => {
    const { users } = await readCast(sql);
    await sql`update public.users set first_name = 'canary' where clerk_id = ${users[1] ?? ""}`;
    await sql`delete from public.users where clerk_id = ${users[2] ?? ""}`;
    return users.slice(1);
  });
  const found = await command("reconcile");
  assert.equal(found.code, 2);
  assert.deepEqual(
    found.lines.toSorted(),
    [
      `missing ${missing}`,
      "memberships: 4 read",
      "organizations: 2 read",
      `stale ${stale} first_name`,
      "users: 1,100 read, 1 missing, 1 stale, 2 left",
    ].toSorted(),
  );
  assert.match(found.errors, /Mend it with --repair/);
  assert.doesNotMatch(found.lines.join() + found.errors, /canary|@example|sk_test|First /);

  const json = await command("reconcile", ["-o", "json"]);
  const document = z.looseObject({ findings: z.array(z.json()), outcome: z.string() })
    .parse(JSON.parse(json.lines.join("")));
  assert.equal(json.code, 2);
  assert.equal(document.findings.length, 2);
  const stales = { resource: "user", id: stale, difference: "stale", columns: ["first_name"] };
  assert.ok(
    document.findings.some((finding) =>
      JSON.stringify(finding) === JSON.stringify({ ...stales, repaired: false })
    ),
  );

  const mended = await command("reconcile", ["--repair"]);
  assert.equal(mended.code, 0);
  assert.ok(mended.lines.includes(`missing ${missing} (repaired)`));
  const counted = await command("reconcile", ["--count"]);
  assert.equal(counted.code, 0);
  assert.deepEqual(counted.lines, [
    "users: as many as at Clerk",
    "organizations: as many as at Clerk",
    "memberships: as many as at Clerk",
  ]);
  assert.equal((await command("reconcile", ["--recent"])).code, 0);
});

Deno.test("reconcile names the brake and how to release it", async () => {
  await begin();
  await command("backfill");
  const { users } = await withSql(readCast);
  for (const id of users.slice(0, 12)) await removeSilently(id);
  const refused = await command("reconcile", ["--repair"]);
  assert.equal(refused.code, 2);
  assert.ok(refused.lines.some((line) => line.endsWith("allow it with --allow-deactivations 12")));
  const allowed = await command("reconcile", ["--repair", "--allow-deactivations", "12"]);
  assert.equal(allowed.code, 0);
  await assertAsClerk();
});

Deno.test("after Ctrl-C the same command goes on at once where it stopped", async () => {
  await begin(6_000);
  await withFaults([{ route: "GET /v1/users", delay_ms: 400 }], async () => {
    const running = start("backfill", ["--rate", "20"]);
    await pause(3_000);
    running.kill("SIGINT");
    const { code, errors } = await running.ended;
    assert.equal(code, 1);
    assert.match(errors, /Interrupted\. The same command goes on where this stopped/);
  });
  const [open] = await readRuns();
  assert.deepEqual([open?.kind, open?.outcome], ["backfill", null]);
  const { code, errors } = await command("backfill");
  assert.equal(code, 0, errors);
  assert.match(errors, /Goes on with the run of/);
  assert.doesNotMatch(errors, /Waits/);
  assert.deepEqual((await readRuns()).map(({ outcome }) => outcome), ["complete"]);
  await assertAsClerk();
});

Deno.test("a second process refuses while the first works, and waits for one that was killed", async () => {
  await begin(6_000);
  await withFaults([{ route: "GET /v1/users", delay_ms: 1_500 }], async () => {
    const first = start("backfill");
    await pause(2_500);
    const second = start("backfill");
    await pause(2_500);
    first.kill("SIGKILL");
    await first.ended;
    const { code, errors } = await second.ended;
    assert.equal(code, 0, errors);
    assert.match(errors, /Waits until the process that worked on a run of .* lets go of it/);
  });
  await assertAsClerk();
});

Deno.test("a part of a project's settings is named as such, and no value is shown", async () => {
  const { SUPABASE_KEY: _, ...rest } = project();
  const without = await command("reconcile", [], rest);
  assert.equal(without.code, 1);
  assert.match(without.errors, /missing in the environment: SUPABASE_KEY \(the project's secret/);
  const publishable = { ...project(), SUPABASE_KEY: runningStack().PUBLISHABLE_KEY };
  const refused = await command("backfill", [], publishable);
  assert.equal(refused.code, 1);
  assert.match(refused.errors, /must be the service-role \(secret\) key/);
  const unknown = { ...project(), CLERK_SECRET_KEY: "sk_test_unknown" };
  const foreign = await command("backfill", [], unknown);
  assert.deepEqual([foreign.code, foreign.errors.includes("sk_test_unknown")], [1, false]);
  assert.match(foreign.errors, /CLERK_SECRET_KEY was refused by Clerk/);
});

Deno.test("a Clerk key alone chooses no project: it is the local stack that runs", async () => {
  const { CLERK_SECRET_KEY, CLERK_API_URL } = runningStack();
  const folder = await Deno.makeTempDir();
  const environment = { CLERK_SECRET_KEY, CLERK_API_URL, LOCAL_DIR: folder, INIT_CWD: folder };
  try {
    const nothing = await command("reconcile", ["--count"], environment);
    assert.equal(nothing.code, 1);
    assert.match(nothing.errors, /No stack runs .*, or name a project: set SUPABASE_URL/);
    const database = { ...environment, DB_CONNECTION_STRING: runningStack().DB_URL };
    const part = await command("reconcile", ["--count"], database);
    assert.match(part.errors, /missing in the environment: SUPABASE_URL, SUPABASE_KEY/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("with --env-file, a command takes the project from a file", async () => {
  const file = await Deno.makeTempFile({ suffix: ".env" });
  try {
    const text = Object.entries(project()).map(([name, value]) => `${name}="${value}"\n`).join("");
    await Deno.writeTextFile(file, text);
    const { code, errors } = await command("reconcile", ["--count", "--env-file", file], {});
    assert.ok(code === 0 || code === 2, errors);
  } finally {
    await Deno.remove(file);
  }
});
