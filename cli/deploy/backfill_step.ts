import type { Printer } from "../../local/printer.ts";
import { createCallFunction } from "../doctor/data_api.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import { describeCounts, describeFinding } from "../runs/output.ts";
import { runBackfill } from "../runs/backfill_run.ts";
import { createScreen } from "../runs/screen.ts";
import { z } from "zod";
import type { Deployment } from "./deployment.ts";
import { printedStream } from "./printed_stream.ts";
import type { Step } from "./step.ts";

const status = z.array(z.object({
  runs: z.object({ backfill: z.object({ outcome: z.string().nullable() }).optional() }),
})).length(1);

/** Everybody whom Clerk has is in the tables: a backfill has come to its end. */
export function backfillStep({ apiKeys, access, clerkAccess }: Deployment, printer: Printer): Step {
  async function target() {
    const keys = await apiKeys();
    return keys.ok ? succeed({ url: access.url, key: keys.value.secret }) : keys;
  }

  async function isComplete(): Promise<Outcome<boolean>> {
    const supabase = await target();
    if (!supabase.ok) return supabase;
    const returned = await createCallFunction(supabase.value)("clerk_sync_status");
    if ("rows" in returned) {
      const [row] = status.safeParse(returned.rows).data ?? [];
      return succeed(row?.runs.backfill?.outcome === "complete");
    }
    // A dry run of the first deployment.
    if (returned.missing) return succeed(false);
    return fail(`The Data API ${returned.problem}`, "Run it again. It goes on where it stopped");
  }

  return {
    name: "backfill",
    async check() {
      const complete = await isComplete();
      if (!complete.ok) return complete;
      return succeed(
        complete.value ? { done: true } : { done: false, todo: "writes everybody whom Clerk has" },
      );
    },
    async apply() {
      const supabase = await target();
      if (!supabase.ok) return supabase;
      const { apiUrl, secretKey } = clerkAccess;
      const screen = createScreen(printer, printedStream(printer));
      try {
        const { ending } = await runBackfill({
          target: { supabase: supabase.value, clerk: { apiUrl, secretKey } },
          dryRun: false,
          anew: false,
          rate: undefined,
          signal: new AbortController().signal,
          screen,
          tell: (finding) => screen.note(describeFinding(finding)),
        });
        if (ending.outcome === "complete") return succeed(describeCounts(ending.counts).join("; "));
        return fail(
          ending.reason ?? `Rows were left out: ${ending.drift}, each named above`,
          "Mend what the lines say (docs/troubleshooting.md, Database refused the row), and run it again",
        );
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        return fail(error.message, "Run it again. It goes on where it stopped");
      }
    },
  };
}
