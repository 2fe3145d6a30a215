/** The command itself: which project, what it prints, how it ends. */
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { z } from "zod";
import { describeSeconds, syncStatus } from "../../cli/doctor/sync_status.ts";
import { begin, nothing, ok } from "../../cli/doctor/check.ts";
import { manifestPath, renderManifest } from "../../cli/install/manifest.ts";
import { runCli } from "../support/application/cli.ts";
import { findLeaks, secretsOf } from "../support/leaks/leak.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";

let own: OwnStack;
let folder: string;
Deno.test.beforeAll(async () => {
  own = await startOwnStack({ databaseSettings: { fsync: "off" } });
  folder = await Deno.makeTempDir({ prefix: "doctor-" });
});
Deno.test.afterAll(async () => {
  await Deno.remove(folder, { recursive: true });
  await own.stop();
});

const document = z.strictObject({
  project: z.string(),
  ok: z.boolean(),
  checks: z.array(z.strictObject({
    name: z.string(),
    status: z.enum(["ok", "warning", "failed", "skipped"]),
    finding: z.string(),
    remedy: z.string().optional(),
  })),
});

/** Runs it in an empty folder, without any variable of a project. */
async function doctor(args: readonly string[], environment: Record<string, string> = {}) {
  const finished = await runCli("doctor", folder, args, {
    environment: { LOCAL_DIR: own.stack.directory, ...environment },
    // The test run's stack has set these.
    without: Object.keys(Deno.env.toObject()).filter((name) => name.startsWith("CLERK_")),
  });
  const printed = finished.output + finished.errors;
  assert.deepEqual(findLeaks(printed, secretsOf(runningStack())), [], printed);
  return finished;
}

Deno.test("without variables it examines the running stack, and ends with 0", async () => {
  const { code, output, errors } = await doctor([]);
  assert.equal(errors, "");
  assert.match(output, /^Project 127\.0\.0\.1:\d+, from the local stack\n/);
  assert.match(output, /\nok {7}database {12}The Data API answers/);
  assert.match(output, / 0 failed, \d+ skipped\n$/);
  assert.equal(code, 0, output);
});

Deno.test("-o json prints one document", async () => {
  const { code, output } = await doctor(["-o", "json"]);
  const { ok, project, checks } = document.parse(JSON.parse(output));
  assert.equal(ok, true);
  assert.equal(project, new URL(runningStack().API_URL).host);
  assert.equal(checks.length, 29);
  assert.equal(code, 0);
});

Deno.test("a failed check ends it with 1, in either form, and below it stands what to do", async () => {
  const { SECRET_KEY, API_URL } = runningStack();
  const file = join(folder, "project.env");
  await Deno.writeTextFile(file, `SUPABASE_URL=${API_URL}\nSUPABASE_KEY="${SECRET_KEY}"\n`);
  const table = await doctor(["--env-file", "project.env"]);
  assert.equal(table.code, 1);
  assert.match(table.output, /from the environment and project\.env\n/);
  assert.match(
    table.output,
    /\nfailed {3}clerk-variables {5}CLERK_SECRET_KEY environment variable is required\n +→ Copy it/,
  );
  const json = await doctor(["--env-file", "project.env", "-o", "json"]);
  assert.equal(json.code, 1);
  const { ok, checks } = document.parse(JSON.parse(json.output));
  assert.equal(ok, false);
  assert.equal(checks.find(({ name }) => name === "database")?.status, "ok");
  assert.equal(checks.find(({ name }) => name === "clerk-api")?.status, "skipped");
});

Deno.test("an application's folder may be given, and says how its functions are called", async () => {
  const { SECRET_KEY, API_URL, DB_URL } = runningStack();
  const app = join(folder, "app");
  const manifest = renderManifest({
    ...{ version: "0.1.0", schema: "public", prefix: "my-", files: {}, migrations: {}, edits: {} },
  });
  for (
    const [path, text] of [
      ["supabase/config.toml", ""],
      ["supabase/functions/.env", `SUPABASE_KEY=${SECRET_KEY}\n`],
      [manifestPath, manifest],
    ] as const
  ) {
    await Deno.mkdir(dirname(join(app, path)), { recursive: true });
    await Deno.writeTextFile(join(app, path), text);
  }
  // From where it was typed, not from the application's.
  await Deno.writeTextFile(join(folder, "url.env"), `SUPABASE_URL=${API_URL}\n`);
  try {
    for (
      const [args, environment] of [
        [["app"], { SUPABASE_URL: API_URL }],
        [["app/supabase", "--env-file", "url.env"], { SUPABASE_KEY: SECRET_KEY }],
      ] as const
    ) {
      const { output } = await doctor([...args, "-o", "json"], {
        ...environment,
        DB_CONNECTION_STRING: DB_URL,
      });
      const { checks } = document.parse(JSON.parse(output));
      assert.equal(checks.find(({ name }) => name === "database")?.status, "ok");
      assert.match(
        checks.find(({ name }) => name === "users-sync")?.finding ?? "",
        /my-users-sync/,
      );
    }
  } finally {
    await Deno.remove(app, { recursive: true });
  }
});

Deno.test("the folder's supabase/functions/.env is read, and the environment comes first", async () => {
  const { SECRET_KEY, API_URL, CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  await Deno.mkdir(join(folder, "supabase/functions"), { recursive: true });
  const file = join(folder, "supabase/functions/.env");
  await Deno.writeTextFile(
    file,
    `CLERK_SECRET_KEY=${CLERK_SECRET_KEY}\nCLERK_API_URL=${CLERK_API_URL}\nSUPABASE_KEY=sb_secret_other\n`,
  );
  try {
    const { output } = await doctor(["-o", "json"], {
      SUPABASE_URL: API_URL,
      SUPABASE_KEY: SECRET_KEY,
    });
    const { checks } = document.parse(JSON.parse(output));
    for (const needed of ["database", "clerk-api"]) {
      assert.equal(checks.find(({ name }) => name === needed)?.status, "ok");
    }
  } finally {
    await Deno.remove(file);
  }
});

Deno.test("an address with a password is not printed", async () => {
  const { SECRET_KEY } = runningStack();
  const SUPABASE_URL = "http://me:canary-password@127.0.0.1:1";
  for (const args of [[], ["-o", "json"]]) {
    const { code, output } = await doctor(args, { SUPABASE_URL, SUPABASE_KEY: SECRET_KEY });
    assert.equal(code, 1);
    assert.match(output, /127\.0\.0\.1:1/);
  }
});

Deno.test("a missing file, an unknown form and nothing to examine are one line each", async () => {
  const cases = [
    [["--env-file", "none.env"], {}, /There is no file .*none\.env/],
    [["-o", "yaml"], {}, /-o takes json/],
    [["--colour"], {}, /--help/],
    [["a", "b"], {}, /^Give one folder\. See the options with --help/],
    [["nowhere"], {}, /nowhere is no folder\. Give the folder of your application/],
    [[], { LOCAL_DIR: join(folder, "no-stack") }, /No stack runs .* set SUPABASE_URL/],
  ] as const;
  for (const [args, environment, line] of cases) {
    const { code, output, errors } = await doctor(args, environment);
    assert.equal(code, 1);
    assert.equal(output, "");
    assert.match(errors, line);
    assert.equal(errors.trimEnd().split("\n").length, 1, errors);
  }
});

Deno.test("--help says what it does and ends with 0", async () => {
  const { code, output } = await doctor(["--help"]);
  assert.equal(code, 0);
  assert.match(output, /--token TOKEN/);
});

Deno.test("a check that does not end in time has failed, and those that need it are skipped", async () => {
  const never = new Promise<never>(() => {});
  const slow = begin("slow", Date.now() + 50, nothing, () => never);
  const next = begin("next", Date.now() + 50, slow, () => ok("never", undefined));
  assert.deepEqual(await slow.finding, {
    status: "failed",
    finding: "Did not end in time",
    remedy: "Check the network, and try again",
  });
  assert.deepEqual(await next.finding, {
    status: "skipped",
    finding: "Not checked, because slow did not pass",
  });
});

Deno.test("an unexpected error in a check is a finding that quotes nothing", async () => {
  const broken = begin("broken", Date.now() + 1000, nothing, () => {
    throw new RangeError("canary-message");
  });
  assert.deepEqual(await broken.finding, {
    status: "failed",
    finding: "Ended with an unexpected RangeError",
    remedy: "Report this as a bug of doctor",
  });
});

Deno.test("PostgreSQL's intervals are read as seconds", () => {
  const status = {
    lag_p95: null,
    events_last_hour: 0,
    rejected: 0,
    rejected_reason: null,
    invalid: 0,
    invalid_reason: null,
    silence: null,
    usual_silence: null,
    silent: false,
  };
  const cases = [
    ["00:00:00.044860", 0.04486],
    ["02:03:04", 7384],
    ["-00:00:05", -5],
    ["1 day", 86_400],
    ["3 days 00:00:01", 259_201],
    ["soon", undefined],
    ["", undefined],
  ] as const;
  for (const [lag_p50, seconds] of cases) {
    assert.equal(syncStatus.safeParse({ ...status, lag_p50 }).data?.lag_p50, seconds, lag_p50);
  }
  assert.deepEqual([1.26, 600, 18_000, 864_000].map(describeSeconds), [
    "1.3 s",
    "10 min",
    "5 h",
    "10 days",
  ]);
});
