/**
 * Measures how fast the functions are, against the handlers that people copy and against the floor
 * under them: in a burst, one at a time and from cold.
 *
 * deno run -A bench/throughput.ts [--rounds N] [--seconds N] [--starts N] [--rows N] [--deno VERSION]
 *   [--short] [--tolerance SHARE]
 *
 * --short measures what is steady on a noisy machine, in about a minute on Linux, and writes nothing. It ends with
 * 1 if a ratio is below 0.8 of its target.
 */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { z } from "zod";
import { keepLoopbackDirect } from "../local/direct_loopback.ts";
import { checkout } from "../local/options.ts";
import { createPrinter } from "../local/printer.ts";
import { denoOf } from "../tests/support/deploy/binaries.ts";
import { edgeRuntime } from "../tests/support/deploy/deployed_function.ts";
import { untilInterrupted } from "../tests/support/until_interrupted.ts";
import { createArena } from "./throughput/arena.ts";
import { createCast } from "./throughput/cast.ts";
import { reachOf, renderTable, type Row } from "./throughput/figures.ts";
import { requirePrograms } from "./throughput/load.ts";
import { measureMemory } from "./throughput/memory.ts";
import { drawPlot } from "./throughput/plot.ts";
import { measureReads } from "./throughput/reads.ts";
import { openSite } from "./throughput/site.ts";
import { measureSizes } from "./throughput/sizes.ts";
import { measureStarts } from "./throughput/starts.ts";
import { createSubjects } from "./throughput/subjects.ts";
import { measureSyncs } from "./throughput/syncs.ts";
import { measureWebhooks } from "./throughput/webhooks.ts";

const whole = z.coerce.number().int().min(1);
const { values } = parseArgs({
  options: {
    short: { type: "boolean", default: false },
    rounds: { type: "string" },
    seconds: { type: "string" },
    starts: { type: "string" },
    rows: { type: "string" },
    deno: { type: "string" },
    tolerance: { type: "string" },
  },
});
const usual = values.short
  ? { rounds: 3, seconds: 1, starts: 11, tolerance: 0.8 }
  : { rounds: 5, seconds: 4, starts: 15, tolerance: 0 };
const options = z.object({
  short: z.boolean(),
  rounds: whole,
  seconds: whole,
  starts: whole,
  rows: whole.default(1_000_000),
  deno: z.string().default(edgeRuntime),
  // As much of a target as a run must reach.
  tolerance: z.coerce.number(),
}).parse({ ...usual, ...values });

const printer = createPrinter();
keepLoopbackDirect();
await requirePrograms();
const rows = await untilInterrupted(measure);
printer.line(`\n${renderTable(rows)}`);
if (!options.short) await record(rows);
if (rows.some((row) => reachOf(row) < options.tolerance)) Deno.exitCode = 1;

async function measure(): Promise<Row[]> {
  const { rounds, seconds, starts, short } = options;
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-bench-" });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => Deno.remove(directory, { recursive: true }));
  const base = {
    directory,
    deno: { file: await denoOf(options.deno), version: options.deno },
  };
  const subjects = await createSubjects(directory);
  const site = cleanUp.use(await openSite(1_000, directory));
  const cast = cleanUp.use(createCast(site, base));
  const started = await measureStarts({ site, cast, subjects, starts, best: short });
  const print = printer.line;
  const arena = await createArena({
    site,
    cast,
    subjects,
    rounds: { rounds, seconds },
    directory,
    short,
    print,
  });
  if (short) {
    return [
      ...await measureWebhooks(arena),
      ...await measureReads(arena),
      ...started,
      ...subjects.loaded,
    ];
  }
  const loaded = [
    ...await measureWebhooks(arena),
    ...await measureReads(arena),
    ...await measureSyncs(arena, seconds),
    ...await measureMemory(arena),
  ];
  const largeSite = cleanUp.use(await openSite(options.rows, directory));
  const large = { site: largeSite, cast: cleanUp.use(createCast(largeSite, base)) };
  const sizes = await measureSizes(
    { small: { site, cast }, large },
    subjects,
    { rounds, seconds },
    directory,
  );
  return [...loaded, ...sizes, ...started, ...subjects.loaded];
}

async function record(rows: readonly Row[]): Promise<void> {
  await Deno.mkdir(join(checkout, ".local"), { recursive: true });
  const measured = { date: new Date().toISOString(), options, rows };
  await Deno.writeTextFile(
    join(checkout, ".local", "throughput.json"),
    `${JSON.stringify(measured, null, 2)}\n`,
  );
  await Deno.writeTextFile(join(checkout, "docs/pictures/throughput.svg"), drawPlot(rows));
}
