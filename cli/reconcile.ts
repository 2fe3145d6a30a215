/** Compares the tables with Clerk, and mends what differs. */
import { parseArgs } from "node:util";
import { createPrinter } from "../local/printer.ts";
import { createCount } from "../supabase/functions/_shared/reconcile/count.ts";
import { createFull } from "../supabase/functions/_shared/reconcile/full.ts";
import { createRecent } from "../supabase/functions/_shared/reconcile/recent.ts";
import { createReport } from "../supabase/functions/_shared/runs/finding.ts";
import { createRunner, type Ending } from "../supabase/functions/_shared/runs/run.ts";
import { createSources } from "../supabase/functions/_shared/runs/sources.ts";
import { sumOf } from "../supabase/functions/_shared/runs/tally.ts";
import { advanceToEnd } from "./runs/advance.ts";
import { describeDuration } from "./runs/duration.ts";
import { createJsonOutput, createTextOutput } from "./runs/output.ts";
import {
  commonOptions,
  commonUsage,
  type Invocation,
  readWhole,
  runOnProject,
} from "./runs/run_command.ts";
import { createScreen } from "./runs/screen.ts";
import { stageOfCount, stageOfRecent, stageOfWalk } from "./runs/stage.ts";
import { describeTarget } from "./runs/target.ts";

const usage =
  `reconcile [--count | --recent] [--repair] [--allow-deactivations N] [--env-file FILE] …

Compares the tables with everything that Clerk has, and prints what is missing, stale, extra or wrongly
active, by id and with the columns that differ, never their values. Exits with 0 if nothing differs any
more; 2 if something does; 1 if it failed.

  --count          compare numbers, and list only where they differ: tens of requests
  --recent         compare only what has changed since the last run; sees no deletions
  --repair         mend what differs
  --allow-deactivations N
                   deactivate up to N users (organizations, memberships) that Clerk no longer has, where
                   these are more than 1 % and more than 10
${commonUsage}`;

const printer = createPrinter();
await runOnProject(
  printer,
  usage,
  () =>
    parseArgs({
      options: {
        ...commonOptions,
        count: { type: "boolean", default: false },
        recent: { type: "boolean", default: false },
        repair: { type: "boolean", default: false },
        "allow-deactivations": { type: "string" },
      },
    }).values,
  reconcile,
);

interface Flags {
  readonly count: boolean;
  readonly recent: boolean;
  readonly repair: boolean;
  readonly "allow-deactivations"?: string | undefined;
}

async function reconcile(invocation: Invocation, flags: Flags): Promise<number> {
  const { target, signal, json, rate, anew } = invocation;
  if (flags.count && flags.recent) throw new Error("Give --count or --recent, not both");
  const allow = flags["allow-deactivations"];
  const begun = Date.now();
  const screen = createScreen(printer);
  screen.note(describeTarget(target));
  const output = json
    ? createJsonOutput(screen.line)
    : createTextOutput(screen.line, flags.count ? "as many as at Clerk" : undefined);
  const { pace, store, ...sources } = createSources({ ...target, signal, pace: rate });
  const dependencies = {
    ...sources,
    repairs: flags.repair,
    report: createReport(output.finding),
    allowedDeactivations: allow === undefined
      ? undefined
      : readWhole("--allow-deactivations", allow),
  };
  const common = { advance: createRunner(store), signal, anew, screen };

  function run(): Promise<Ending> {
    if (flags.count) {
      return advanceToEnd({ ...common, job: createCount(dependencies), stage: stageOfCount });
    }
    if (flags.recent) {
      return advanceToEnd({ ...common, job: createRecent(dependencies), stage: stageOfRecent });
    }
    return advanceToEnd({ ...common, job: createFull(dependencies), stage: stageOfWalk });
  }

  const ending = await run();
  output.end(ending, { requests: pace.taken });
  screen.note(`${describeDuration(Date.now() - begun)}, ${pace.taken} requests to Clerk`);
  for (const line of adviceFor(ending, flags)) screen.note(line);
  if (ending.outcome === "failed") return 1;
  return ending.drift === 0 ? 0 : 2;
}

/** What to do next. */
function adviceFor({ outcome, drift, counts }: Ending, { count, repair, recent }: Flags): string[] {
  const lines: string[] = [];
  const unmendable = sumOf(counts, "wrongly_deleted") + sumOf(counts, "unproven");
  if (drift > unmendable && !repair) lines.push("Mend it with --repair");
  if (sumOf(counts, "wrongly_deleted") > 0) {
    lines.push(
      "Deletion is final, so a wrongly deleted user stays until an operator takes it back: " +
        "select revive_clerk_user('user_…', 'reason')",
    );
  }
  if (sumOf(counts, "unproven") > 0) {
    lines.push("Unproven: Clerk did not list them, nor prove that they are gone. Try again later");
  }
  if (drift === 0 && outcome !== "failed") {
    const mended = outcome === "repaired";
    if (count) lines.push(mended ? "The numbers agree again" : "The numbers agree");
    else lines.push(mended ? "Nothing differs any more" : "Nothing differs");
  }
  if (recent && outcome !== "failed") lines.push("Deletions are not looked for with --recent");
  return lines;
}
