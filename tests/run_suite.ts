import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binariesDirectory } from "../local/binaries/directory.ts";
import { locateDeno } from "../local/binaries/locate.ts";
import { bundleFunctions } from "../local/bundle/bundle.ts";
import { writeBundles } from "../local/bundle/write.ts";
import { discoverFunctions } from "../local/functions/configuration.ts";
import { readEnvironment } from "../local/options.ts";
import { startStack } from "../local/stack.ts";
import { joinFiles } from "./join_files.ts";
import { readReport, type Result } from "./junit.ts";
import { edgeRuntime, type Suite } from "./suites.ts";
import { pause } from "./support/eventually.ts";
import { describeScan, isClean, scanFunctionLogs } from "./support/leaks/log_scan.ts";
import { freePortBase } from "./support/stack/free_port_base.ts";
import { spreadFolders } from "./support/unrelated_folders.ts";

/** What the caller gives a suite to run with. */
export interface Surroundings {
  /** Takes the suite's output as it comes. */
  readonly write: (bytes: Uint8Array) => void;
  /** Ends the suite and every process that it has started. */
  readonly signal: AbortSignal;
}

/** Milliseconds; several times what the longest suite takes, even on a busy machine. */
const longestSuite = 20 * 60_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const encoder = new TextEncoder();

/** Prints lines where `write` puts bytes. */
export function printTo(write: Surroundings["write"]): (line: string) => void {
  return (line) => write(encoder.encode(`${line}\n`));
}

/** Runs the suite's tests in these paths, on a stack of its own if it needs one. */
export async function runSuite(
  suite: Suite,
  paths: readonly string[],
  surroundings: Surroundings,
): Promise<Result> {
  const run = suite.stack ? testWithStack : test;
  if (!suite.deployed) return await run(suite, paths, {}, surroundings);
  const bundles = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-bundles-" });
  try {
    await writeBundles(await bundleFunctions(await discoverFunctions(root), { root }), bundles);
    const environment = { LOCAL_FUNCTIONS_DENO: edgeRuntime, LOCAL_FUNCTIONS_BUNDLES: bundles };
    return await run(suite, paths, environment, surroundings);
  } finally {
    await Deno.remove(bundles, { recursive: true });
  }
}

async function test(
  suite: Suite,
  paths: readonly string[],
  environment: Record<string, string>,
  { write, signal }: Surroundings,
): Promise<Result> {
  const old = suite.deno !== undefined;
  const print = printTo(write);
  const binaries = { directory: await binariesDirectory(root, join(root, ".local")), print };
  const deno = old ? await locateDeno(suite.deno, binaries) : Deno.execPath();
  signal.throwIfAborted();
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-suite-" });
  const report = join(folder, "report.xml");
  await Deno.writeTextFile(report, "");
  const parts = suite.parallel ? navigator.hardwareConcurrency : 1;
  const child = new Deno.Command(deno, {
    args: [
      "test",
      "--allow-all",
      // `deno task ok` has checked the types; an older Deno cannot read the lock.
      "--no-check",
      ...(suite.parallel ? ["--parallel"] : []),
      ...(old ? ["--no-lock"] : []),
      `--config=${join(root, "deno.json")}`,
      `--junit-path=${report}`,
      ...await joinFiles(paths, { root, folder, parts }),
    ],
    cwd: root,
    env: {
      ...environment,
      ...(old ? { DENO_TLS_CA_STORE: "system,mozilla" } : {}),
      ...(Deno.stdout.isTerminal() ? { FORCE_COLOR: "1" } : {}),
    },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // A process group of its own, so that all commands started by tests can be ended with it.
    detached: true,
  }).spawn();
  // A test that hangs has failed.
  const end = AbortSignal.any([signal, AbortSignal.timeout(longestSuite)]);
  const kill = () => Deno.kill(-child.pid, "SIGTERM");
  end.addEventListener("abort", kill);
  const copied = Promise.all([child.stdout, child.stderr].map((stream) => copy(stream, write)));
  const status = await child.status;
  // A process that a test has left behind may hold the output open.
  await Promise.race([copied, pause(1000)]);
  end.removeEventListener("abort", kill);
  signal.throwIfAborted();
  const xml = await Deno.readTextFile(report);
  await Deno.remove(folder, { recursive: true });
  const result = readReport(xml);
  if (status.success || result.failures.length > 0) return result;
  // A run can fail without a failed test, for example by a leak or a syntax error.
  return withFailure(result, suite.title, `deno test ended with ${status.code}`);
}

async function copy(
  stream: ReadableStream<Uint8Array>,
  write: (bytes: Uint8Array) => void,
): Promise<void> {
  for await (const bytes of stream) write(bytes);
}

async function testWithStack(
  suite: Suite,
  paths: readonly string[],
  environment: Record<string, string>,
  surroundings: Surroundings,
): Promise<Result> {
  const { automaticGrants = false, databaseLocale, schema = "public" } = suite;
  const { write, signal } = surroundings;
  const print = printTo(write);
  const postgresMajor = suite.postgresMajor ?? readEnvironment().postgresMajor;
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-test-" });
  const stack = await startStack({
    directory,
    portBase: freePortBase(),
    functionsDeno: environment["LOCAL_FUNCTIONS_DENO"],
    functionsBundles: environment["LOCAL_FUNCTIONS_BUNDLES"],
    automaticGrants,
    postgresMajor,
    databaseLocale,
    schema,
    databaseSettings: { fsync: "off" },
    webhookRetrySchedule: [100, 200, 400, 800, 1600],
    print,
    signal,
  });
  // Tests create and drop databases.
  await spreadFolders(join(directory, "postgres", "data", "base"));
  try {
    const result = await test(suite, paths, {
      ...environment,
      ...stack.values,
      LOCAL_DIR: directory,
      LOCAL_AUTOMATIC_GRANTS: String(automaticGrants),
      LOCAL_DATABASE_LOCALE: databaseLocale ?? "",
      LOCAL_POSTGRES: postgresMajor,
      CLERK_SYNC_SCHEMA: schema,
    }, surroundings);
    await stack.stop();
    const scan = await scanFunctionLogs(directory, stack.values);
    print(describeScan(scan));
    return isClean(scan) ? result : withFailure(result, `${suite.title}: logs`, describeScan(scan));
  } finally {
    await stack.stop();
    await Deno.remove(directory, { recursive: true });
  }
}

function withFailure({ counts, failures }: Result, name: string, reason: string): Result {
  return {
    counts: { ...counts, failed: counts.failed + 1 },
    failures: [...failures, { name, reason }],
  };
}
