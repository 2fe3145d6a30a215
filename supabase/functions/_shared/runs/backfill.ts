import type { SyncDatabase, Written } from "../database/sync_client.ts";
import { type Result, succeed } from "../failure.ts";
import type { ReadPage } from "../listing/page.ts";
import type { Portion } from "../listing/portion.ts";
import type { ResourceName } from "../listing/resource.ts";
import type { UserCounts } from "../listing/user_counts.ts";
import type { Report } from "./finding.ts";
import { createGate } from "./gate.ts";
import type { Job } from "./run.ts";
import { count, sumOf, type Tally } from "./tally.ts";
import { usualLanes, walkAll, walkStart, type WalkState, walkState } from "./walk_all.ts";

export interface BackfillDependencies {
  readonly readPage: ReadPage;
  readonly counts: UserCounts;
  readonly database: Pick<SyncDatabase, "apply" | "compare">;
  readonly report: Report;
  /** Windows of users that are read side by side. */
  readonly lanes?: number;
  /** Only compares: nothing is written. */
  readonly dryRun?: boolean;
}

/** Batches that are written side by side. */
const writers = 3;

/** Writes everybody whom Clerk has. */
export function createBackfill(dependencies: BackfillDependencies): Job<WalkState> {
  const { database, report, lanes = usualLanes, dryRun = false } = dependencies;
  const gate = createGate(writers);

  const write = (resource: ResourceName) => async (portion: Portion): Promise<Result<Tally>> => {
    const tally: Tally = { listed: portion.fresh.size };
    for (const { id, problem } of portion.refused) {
      const isNew = report({
        resource,
        id,
        difference: "refused",
        reason: problem,
        repaired: false,
      });
      if (isNew) count(tally, "refused", "left");
    }
    if (portion.facts.length === 0) return succeed(tally);
    if (dryRun) return await compare(portion, tally);
    const written = await gate(() => database.apply(portion.facts));
    if (!written.ok) return written;
    for (const { item, outcome, reason } of written.value) {
      const id = portion.facts[item - 1]?.clerk_id ?? "";
      count(tally, nameOf(outcome));
      if (outcome !== "rejected") continue;
      report({ resource, id, difference: "rejected", reason: reason ?? "", repaired: false });
      count(tally, "left");
    }
    return succeed(tally);
  };

  async function compare({ facts }: Portion, tally: Tally): Promise<Result<Tally>> {
    const compared = await gate(() => database.compare(facts));
    if (!compared.ok) return compared;
    for (const { difference, ahead } of compared.value) {
      if (difference === "missing") count(tally, "created");
      else if (difference !== "wrongly_deleted" && !ahead) count(tally, "updated");
    }
    count(
      tally,
      ...Array(facts.length - (tally.created ?? 0) - (tally.updated ?? 0)).fill("unchanged"),
    );
    return succeed(tally);
  }

  return {
    kind: "backfill",
    repairs: true,
    state: walkState,
    begin: walkStart,
    work: (run) =>
      walkAll(run.state, {
        ...dependencies,
        lanes,
        take: write,
        commit: (resource) => (tally) => run.add(resource, tally),
        signal: run.signal,
      }),
    outcome: (counts) => sumOf(counts, "left") > 0 ? "drift" : "complete",
  };
}

function nameOf(outcome: Written["outcome"]) {
  if (outcome === "created" || outcome === "updated" || outcome === "rejected") return outcome;
  return "unchanged";
}
