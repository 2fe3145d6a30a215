/** Writes everybody whom Clerk has: users, organizations and memberships. */
import { parseArgs } from "node:util";
import { createPrinter } from "../local/printer.ts";
import { runBackfill } from "./runs/backfill_run.ts";
import { describeDuration } from "./runs/duration.ts";
import { createJsonOutput, createTextOutput } from "./runs/output.ts";
import { commonOptions, commonUsage, type Invocation, runOnProject } from "./runs/run_command.ts";
import { createScreen } from "./runs/screen.ts";
import { describeTarget } from "./runs/target.ts";

const usage = `backfill [--dry-run] [--env-file FILE] [--rate N] [--anew] [-o json]

Writes everybody whom Clerk has into the tables: users, organizations and memberships. It may run beside
webhooks, as often as you like, and goes on where it was interrupted. Exits with 0; 2 if rows were left
out, each named; 1 if it failed.

  --dry-run        compare instead of write, and say what would be written
${commonUsage}`;

const printer = createPrinter();
await runOnProject(
  printer,
  usage,
  () =>
    parseArgs({
      options: { ...commonOptions, "dry-run": { type: "boolean", default: false } },
    }).values,
  (invocation, flags) => backfill(invocation, flags["dry-run"]),
);

async function backfill(invocation: Invocation, dryRun: boolean): Promise<number> {
  const { target, json } = invocation;
  const begun = Date.now();
  const screen = createScreen(printer);
  screen.note(describeTarget(target));
  const output = (json ? createJsonOutput : createTextOutput)(screen.line);
  const { ending, requests } = await runBackfill({
    ...invocation,
    dryRun,
    screen,
    tell: output.finding,
  });
  output.end(ending, { dry_run: dryRun, requests });
  const took = describeDuration(Date.now() - begun);
  screen.note(`${dryRun ? "Nothing was written. " : ""}${took}, ${requests} requests to Clerk`);
  if (ending.outcome === "failed") return 1;
  if (ending.drift === 0) return 0;
  screen.note(`${ending.drift} were left out: see the lines above`);
  return 2;
}
