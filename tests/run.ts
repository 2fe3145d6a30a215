/**
 * Runs every test: `deno task test`, or the suites below given folders: `deno task test tests/http`. With --quick
 * it runs what needs no stack, in half a minute.
 * Ends with a line "N passed, N failed" from the real counts.
 */
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { binariesDirectory } from "../local/binaries/directory.ts";
import { locateDeno } from "../local/binaries/locate.ts";
import type { PostgresMajor } from "../local/binaries/postgres.ts";
import { keepLoopbackDirect } from "../local/direct_loopback.ts";
import { reportFailure } from "../local/failure.ts";
import { listenForInterrupt } from "../local/interrupt.ts";
import { readEnvironment } from "../local/options.ts";
import { createPrinter } from "../local/printer.ts";
import { startStack } from "../local/stack.ts";
import { type Counts, type FailedTest, readReport } from "./junit.ts";
import { describeScan, isClean, scanFunctionLogs } from "./support/leaks/log_scan.ts";
import { emptyOfProcesses } from "./support/processes.ts";
import { freePortBase } from "./support/stack/free_port_base.ts";

/** The edge runtime's level. */
const edgeRuntime = "2.1.4";

/** Milliseconds; several times what the longest suite takes, on a busy machine too. */
const longestSuite = 12 * 60_000;

interface Suite {
  readonly title: string;
  readonly folders: readonly string[];
  /** Version of the Deno that runs the tests, or the functions where there is a stack. */
  readonly deno?: string;
  /** Whether its files run side by side; those that share a stack do not. */
  readonly parallel?: boolean;
  /** Whether the tests expect a running stack. */
  readonly stack?: boolean;
  /** Whether its database grants new tables to the API's roles by itself. */
  readonly automaticGrants?: boolean;
  /** ICU locale that its database sorts by, where that is not by code point. */
  readonly databaseLocale?: string;
  /** The schema of the tables, where that is not public. */
  readonly schema?: string;
  /** Its PostgreSQL, where that is not the one that LOCAL_POSTGRES chooses. */
  readonly postgresMajor?: PostgresMajor;
}

/** What another PostgreSQL may fail first: the schema, writing, rights and what the planner tells. */
const onOtherVersions = [
  "tests/database/apply_clerk_facts_test.ts",
  "tests/database/apply_organization_facts_test.ts",
  "tests/database/hosted_catalogue_test.ts",
  "tests/database/migrations_test.ts",
  "tests/database/row_level_security_test.ts",
  "tests/database/schema_test.ts",
  "tests/http/main_job_test.ts",
  "tests/rights/catalogue_test.ts",
  "tests/rights/planned_counts_test.ts",
  "tests/rights/tenants_test.ts",
];

/** The suite of the inner loop: what needs no stack and no other version of anything. */
const quick = "Functions and the Clerk double";

const suites: readonly Suite[] = [
  { title: quick, folders: ["tests/functions", "tests/clerk"], parallel: true },
  {
    title: `Functions, Deno ${edgeRuntime}`,
    folders: ["tests/functions"],
    parallel: true,
    deno: edgeRuntime,
  },
  {
    title: "Through the stack",
    folders: [
      "tests/database",
      "tests/http",
      "tests/deploy",
      "tests/convergence",
      "tests/examples",
    ],
    stack: true,
  },
  {
    title: `Through the stack, functions on Deno ${edgeRuntime}`,
    folders: ["tests/http"],
    deno: edgeRuntime,
    stack: true,
  },
  { title: "Doors", folders: ["tests/rights", "tests/leaks", "tests/supply"], stack: true },
  {
    title: "Rights where new tables are granted by themselves, sorted as in English",
    folders: ["tests/database", "tests/rights", "tests/examples"],
    stack: true,
    automaticGrants: true,
    databaseLocale: "en-US",
  },
  {
    title: "Tables in a schema of their own",
    folders: [
      "tests/schema",
      ...[
        "apply_clerk_facts",
        "apply_organization_facts",
        "deactivation",
        "migrations",
        "policy_helpers",
        "refusals",
        "revive_clerk_user",
        "row_level_security",
      ].map((name) => `tests/database/${name}_test.ts`),
      "tests/examples/people_test.ts",
    ],
    stack: true,
    schema: "clerk_data",
  },
  { title: "On PostgreSQL 15", folders: onOtherVersions, stack: true, postgresMajor: "15" },
  { title: "On PostgreSQL 18", folders: onOtherVersions, stack: true, postgresMajor: "18" },
  { title: "Many writers at once", folders: ["tests/concurrency"], stack: true },
  { title: "Parts killed", folders: ["tests/crash"] },
  { title: "Faults", folders: ["tests/faults"] },
  { title: "Load", folders: ["tests/load"] },
  { title: "Attacks", folders: ["tests/attacks"] },
  { title: "Life cycle of the stack", folders: ["tests/stack"] },
];

const usage = `deno task test [--quick] [FOLDER or FILE ...]

Runs every test, or those of the folders and files given, on stacks of its own.
--quick runs only what needs no stack, in half a minute.`;

const printer = createPrinter();
const print = printer.line;

const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** The suite's folders, or what was asked for of them. */
function chosen(suite: Suite, asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return suite.folders;
  const paths = asked.map((path) => path.replace(/\/$/, ""));
  return paths.filter((path) =>
    suite.folders.some((folder) => `${path}/`.startsWith(`${folder}/`))
  );
}

async function test(
  suite: Suite,
  paths: readonly string[],
  environment: Record<string, string>,
): Promise<Counts> {
  const old = !suite.stack && suite.deno !== undefined;
  const binaries = { directory: await binariesDirectory(root, join(root, ".local")), print };
  const deno = old ? await locateDeno(suite.deno, binaries) : Deno.execPath();
  interrupt.signal.throwIfAborted();
  const report = await Deno.makeTempFile({ suffix: ".xml" });
  const child = new Deno.Command(deno, {
    args: [
      "test",
      "--allow-all",
      // `deno task ok` has checked the types; an older Deno cannot read the lock.
      "--no-check",
      ...(suite.parallel ? ["--parallel"] : []),
      ...(old ? ["--no-lock"] : []),
      `--junit-path=${report}`,
      ...paths,
    ],
    cwd: root,
    env: { ...environment, ...(old ? { DENO_TLS_CA_STORE: "system,mozilla" } : {}) },
    stdin: "null",
    // A group of its own, to be ended with all the commands that the tests have started.
    detached: true,
  }).spawn();
  // A test that hangs is a failed one.
  const end = AbortSignal.any([interrupt.signal, AbortSignal.timeout(longestSuite)]);
  const kill = () => Deno.kill(-child.pid, "SIGTERM");
  end.addEventListener("abort", kill);
  const status = await child.status;
  end.removeEventListener("abort", kill);
  interrupt.signal.throwIfAborted();
  const xml = await Deno.readTextFile(report);
  await Deno.remove(report);
  const { counts, failures: failed } = readReport(xml);
  failures.push(...failed);
  if (status.success || counts.failed > 0) return counts;
  // A run that fails without a failed test, by a leak or a syntax error, is a failure too.
  failures.push({ name: suite.title, reason: `deno test ended with ${status.code}` });
  return { ...counts, failed: 1 };
}

async function testWithStack(suite: Suite, paths: readonly string[]): Promise<Counts> {
  const { automaticGrants = false, databaseLocale, schema = "public" } = suite;
  const postgresMajor = suite.postgresMajor ?? readEnvironment().postgresMajor;
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-test-" });
  const stack = await startStack({
    directory,
    portBase: freePortBase(),
    functionsDeno: suite.deno,
    automaticGrants,
    postgresMajor,
    databaseLocale,
    schema,
    databaseSettings: { fsync: "off" },
    webhookRetrySchedule: [100, 200, 400, 800, 1600],
    print,
    signal: interrupt.signal,
  });
  try {
    const counts = await test(suite, paths, {
      ...stack.values,
      LOCAL_DIR: directory,
      LOCAL_AUTOMATIC_GRANTS: String(automaticGrants),
      LOCAL_DATABASE_LOCALE: databaseLocale ?? "",
      LOCAL_POSTGRES: postgresMajor,
      CLERK_SYNC_SCHEMA: schema,
      ...(suite.deno ? { LOCAL_FUNCTIONS_DENO: suite.deno } : {}),
    });
    await stack.stop();
    const scan = await scanFunctionLogs(directory, stack.values);
    print(describeScan(scan));
    if (isClean(scan)) return counts;
    failures.push({ name: `${suite.title}: logs`, reason: describeScan(scan) });
    return { ...counts, failed: counts.failed + 1 };
  } finally {
    await stack.stop();
    await Deno.remove(directory, { recursive: true });
  }
}

function readArguments() {
  try {
    return parseArgs({
      options: {
        quick: { type: "boolean", default: false },
        help: { type: "boolean", short: "h", default: false },
      },
      allowPositionals: true,
    });
  } catch (error) {
    reportFailure(printer, error);
    Deno.exit(1);
  }
}

async function runSuites(): Promise<void> {
  for (const suite of suites.filter(({ title }) => !flags.quick || title === quick)) {
    const paths = chosen(suite, positionals);
    if (paths.length === 0) continue;
    const started = performance.now();
    print(`\n${suite.title}`);
    const counts = suite.stack ? await testWithStack(suite, paths) : await test(suite, paths, {});
    total = {
      passed: total.passed + counts.passed,
      failed: total.failed + counts.failed,
      skipped: total.skipped + counts.skipped,
    };
    const seconds = Math.round((performance.now() - started) / 1000);
    print(`${suite.title}: ${counts.passed} passed, ${counts.failed} failed, ${seconds} s`);
  }
}

const { values: flags, positionals } = readArguments();
if (flags.help) {
  print(usage);
  Deno.exit(0);
}
const interrupt = listenForInterrupt();
// All that tests make among temporary files is in there, and goes with it when they could not
// remove it themselves. Some of them run commands as another account.
const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "clerk-supabase-sync-run-" }));
await Deno.chmod(folder, 0o1777);
Deno.env.set("TMPDIR", folder);
keepLoopbackDirect();
const failures: FailedTest[] = [];
let total: Counts = { passed: 0, failed: 0, skipped: 0 };
try {
  await runSuites();
} catch (error) {
  if (!interrupt.signal.aborted) throw error;
} finally {
  await emptyOfProcesses(folder);
  await Deno.remove(folder, { recursive: true });
}
if (interrupt.signal.aborted) {
  print(`\nInterrupted (${await interrupt.asked})`);
  Deno.exit(1);
}
// Again at the end: whoever reads the end of a long log must not have to search for them.
for (const { name, reason } of failures) {
  print(`\nFAILED ${name}\n${reason.split("\n").slice(0, 25).join("\n")}`);
}
if (total.skipped > 0) print(`\n${total.skipped} skipped`);
print(`\n${total.passed} passed, ${total.failed} failed`);
Deno.exit(total.failed === 0 && total.passed > 0 ? 0 : 1);
