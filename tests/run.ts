/**
 * Runs every test (`deno task test`) or some folders (`deno task test tests/http`). With --quick it runs
 * only the tests that need no stack, in half a minute.
 * The last line is "N passed, N failed".
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import pLimit from "p-limit";
import { keepLoopbackDirect } from "../local/direct_loopback.ts";
import { reportFailure } from "../local/failure.ts";
import { buildDenoEnvironment } from "../local/functions/deno_environment.ts";
import { listenForInterrupt } from "../local/interrupt.ts";
import { removeAll } from "../local/presence.ts";
import { createPrinter } from "../local/printer.ts";
import type { Result } from "./junit.ts";
import { printTo, runSuite } from "./run_suite.ts";
import { quick, type Suite, suites } from "./suites.ts";
import { browserAdvice, findBrowser } from "./support/browser/find_browser.ts";
import { emptyOfProcesses } from "./support/processes.ts";
import { spreadFolders } from "./support/unrelated_folders.ts";
import { whenAllEnd } from "./support/when_all_end.ts";

/**
 * How many suites run side by side. They also wait, so three keep two cores busy. A suite takes up to a
 * gigabyte of memory.
 */
const lanes = Math.min(navigator.hardwareConcurrency + 1, 8);

/** Milliseconds between two lines that say that a suite is still running. */
const signOfLife = 30_000;

const usage = `deno task test [--quick] [FOLDER or FILE ...]

Runs every test, or those of the folders and files given, on stacks of its own.
--quick runs only what needs no stack, in half a minute.`;

interface Task {
  readonly suite: Suite;
  readonly paths: readonly string[];
}

function write(bytes: Uint8Array): void {
  for (let from = 0; from < bytes.length;) from += Deno.stdout.writeSync(bytes.subarray(from));
}

const print = printTo(write);

/** The suite's folders, or the asked paths that lie in them. */
function chosen(suite: Suite, asked: readonly string[]): readonly string[] {
  if (asked.length === 0) return suite.folders;
  const paths = asked.map((path) => path.replace(/\/$/, ""));
  return paths.filter((path) =>
    suite.folders.some((folder) => `${path}/`.startsWith(`${folder}/`))
  );
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
    reportFailure(createPrinter(), error);
    Deno.exit(1);
  }
}

async function runSuites(): Promise<readonly Result[]> {
  const tasks = suites
    .filter(({ title }) => !flags.quick || title === quick)
    .map((suite) => ({ suite, paths: chosen(suite, positionals) }))
    .filter(({ paths }) => paths.length > 0);
  // The output of suites that run side by side would mix, so each is shown when its suite ends.
  const live = tasks.length === 1;
  const limit = pLimit(lanes);
  return await whenAllEnd(tasks.map((task) => limit(() => run(task, live))));
}

/** Runs a suite. If it cannot run at all, for example because its stack does not start, it has failed. */
async function run({ suite, paths }: Task, live: boolean): Promise<Result> {
  interrupt.signal.throwIfAborted();
  const { title } = suite;
  if (suite.browser && findBrowser() === undefined) {
    print(`${title}: left out, because there is no browser. ${browserAdvice}`);
    return { counts: { passed: 0, failed: 0, skipped: 1 }, failures: [] };
  }
  const started = performance.now();
  const elapsed = () => Math.round((performance.now() - started) / 1000);
  print(live ? `\n${title}` : `${title}: started`);
  const sign = setInterval(() => {
    if (!live) print(`${title}: still running after ${elapsed()} s`);
  }, signOfLife);
  const kept: Uint8Array[] = [];
  const keep = (bytes: Uint8Array) => {
    kept.push(bytes);
  };
  const result = await runSuite(suite, paths, {
    write: live ? write : keep,
    signal: interrupt.signal,
  }).catch((error) => {
    interrupt.signal.throwIfAborted();
    const reason = error instanceof Error ? error.stack ?? error.message : String(error);
    return {
      counts: { passed: 0, failed: 1, skipped: 0 },
      failures: [{ name: title, reason }],
    };
  }).finally(() => clearInterval(sign));
  if (!live) print(`\n${title}`);
  for (const bytes of kept) write(bytes);
  const { passed, failed } = result.counts;
  print(`${title}: ${passed} passed, ${failed} failed, ${elapsed()} s`);
  return result;
}

const { values: flags, positionals } = readArguments();
if (flags.help) {
  print(usage);
  Deno.exit(0);
}
const interrupt = listenForInterrupt();
// Holds all temporary files of the tests, so that those left behind are removed too. Every account
// may write to it, because some tests run commands as another account.
const folder = await Deno.realPath(await Deno.makeTempDir({ prefix: "clerk-supabase-sync-run-" }));
await Deno.chmod(folder, 0o1777);
await spreadFolders(folder);
Deno.env.set("TMPDIR", folder);
// Where `makeUsedFolder()` keeps what it copies.
const usedFolders = join(folder, "used");
await Deno.mkdir(usedFolders);
Deno.env.set("TEST_USED_FOLDERS", usedFolders);
keepLoopbackDirect();
let results: readonly Result[] = [];
try {
  results = await runSuites();
} catch (error) {
  if (!interrupt.signal.aborted) throw error;
} finally {
  await emptyOfProcesses(folder);
  await Deno.remove(folder, { recursive: true });
  // What Deno has compiled of modules in the folder. It would keep this for ever.
  const { DENO_DIR } = buildDenoEnvironment();
  if (DENO_DIR !== undefined) await removeAll(join(DENO_DIR, "gen", "file", folder));
}
if (interrupt.signal.aborted) {
  print(`\nInterrupted (${await interrupt.asked})`);
  Deno.exit(1);
}
// Repeated at the end, so that nobody has to search a long log for them.
for (const { name, reason } of results.flatMap(({ failures }) => failures)) {
  print(`\nFAILED ${name}\n${reason.split("\n").slice(0, 25).join("\n")}`);
}
const sum = (count: (result: Result) => number) =>
  results.reduce((total, result) => total + count(result), 0);
const [passed, failed, skipped] = [
  sum(({ counts }) => counts.passed),
  sum(({ counts }) => counts.failed),
  sum(({ counts }) => counts.skipped),
];
if (skipped > 0) print(`\n${skipped} skipped`);
print(`\n${passed} passed, ${failed} failed`);
Deno.exit(failed === 0 && passed > 0 ? 0 : 1);
