import { createAbsenceProof } from "../clerk/absence.ts";
import type { ClerkApi } from "../clerk/api.ts";
import { clerkUnavailable } from "../clerk/failed_answer.ts";
import { createOrganizationAbsenceProof } from "../clerk/organization_absence.ts";
import type { SyncDatabase, UnlistedRow } from "../database/sync_client.ts";
import { fail, type Result, succeed } from "../failure.ts";
import type { ReadPage } from "../listing/page.ts";
import type { Portion } from "../listing/portion.ts";
import type { ResourceName } from "../listing/resource.ts";
import { ended, type Walked } from "../listing/walked.ts";
import type { Report } from "../runs/finding.ts";
import { createGate } from "../runs/gate.ts";
import type { RunUnderWay } from "../runs/run.ts";
import { count, type Counts, sumOf, type Tally } from "../runs/tally.ts";
import type { Json } from "../database/database.types.ts";
import type { RunOutcome } from "../database/run_store.ts";
import { createDeactivations, type DeactivationsState } from "./deactivations.ts";
import { createFindDifferences } from "./difference.ts";
import { createFindGone } from "./gone.ts";
import { requireKnownRows } from "./known_rows.ts";
import { createReadAgain } from "./read_again.ts";
import { createSettle } from "./repair.ts";

export interface ExaminationDependencies {
  readonly api: ClerkApi;
  readonly readPage: ReadPage;
  readonly database: SyncDatabase;
  readonly report: Report;
  readonly repairs: boolean;
  /** So many deletions are allowed in any case. */
  readonly allowedDeactivations?: number | undefined;
  /** Milliseconds that a webhook may be under way. Default: 5 s. */
  readonly settling?: number | undefined;
}

/** What examining a portion has brought. */
export interface Examined {
  readonly tally: Tally;
  /** Rows proven absent from Clerk. */
  readonly absent: readonly UnlistedRow[];
}

/** Compares portions of Clerk's lists with the rows, and mends what differs. */
export interface Examination {
  /** To be called before the first portion of these resources. */
  begin(resources?: readonly ResourceName[]): Promise<Result<void>>;
  take(resource: ResourceName): (portion: Portion) => Promise<Result<Examined>>;
  commit(resource: ResourceName): (examined: Examined) => void;
  /** Looks at rows without a time of creation, and deletes those proven absent. */
  finish(resource: ResourceName): Promise<Result<Walked>>;
  /** Deletes those proven absent so far. */
  settle(resource: ResourceName): Promise<Result<Walked>>;
}

const usualSettling = 5_000;
/** Portions that are compared side by side. */
const comparers = 3;

export function createExamination(
  run: RunUnderWay<Json>,
  state: DeactivationsState,
  dependencies: ExaminationDependencies,
): Examination {
  const { api, readPage, database, report, repairs, settling = usualSettling } = dependencies;
  const { signal } = run;
  const gate = createGate(comparers);
  const gated: SyncDatabase = {
    ...database,
    compare: (facts) => gate(() => database.compare(facts)),
    repair: (facts) => gate(() => database.repair(facts)),
    findUnlisted: (...asked) => gate(() => database.findUnlisted(...asked)),
  };
  const readAgain = createReadAgain(readPage);
  const common = { database: gated, readAgain, readPage, repairs, settling, signal, report };
  const findDifferences = createFindDifferences(common);
  const settleDifferences = createSettle(common);
  const findGone = createFindGone({
    ...common,
    // The witness is always a user here: no key is read.
    proveUsers: createAbsenceProof(api, () => Promise.resolve(fail("internal_error"))),
    proveOthers: createOrganizationAbsenceProof(api),
  });
  const deactivations = createDeactivations(state, {
    ...common,
    allowed: dependencies.allowedDeactivations,
  });

  function tellUnproven(resource: ResourceName, rows: readonly UnlistedRow[], tally: Tally): void {
    for (const { clerk_id: id } of rows) {
      const isNew = report({ resource, id, difference: "unproven", repaired: false });
      if (isNew) count(tally, "unproven", "left");
    }
  }

  function commit(resource: ResourceName, { tally, absent }: Examined): void {
    run.add(resource, tally);
    run.add(resource, deactivations.add(resource, absent));
    const refusal = deactivations.refusal();
    if (refusal !== undefined) run.note(refusal);
  }

  async function settle(resource: ResourceName): Promise<Result<Walked>> {
    const applied = await deactivations.apply(resource);
    if (!applied.ok) return applied;
    run.add(resource, applied.value);
    return succeed(ended);
  }

  return {
    async begin(resources = []) {
      if (repairs && !state.known && !dependencies.allowedDeactivations) {
        const known = await requireKnownRows({ database, readPage });
        if (!known.ok) return known;
        state.known = true;
      }
      for (const resource of resources) {
        const begun = await deactivations.begin(resource);
        if (!begun.ok) return begun;
      }
      return succeed(undefined);
    },
    take: (resource) => async (portion) => {
      const differences = await findDifferences(resource, portion.facts);
      if (!differences.ok) return differences;
      const gone = await findGone.among(resource, portion);
      if (!gone.ok) return gone;
      // What was looked at in haste is not told: the portion is taken again.
      if (signal.aborted) return clerkUnavailable(resource, "interrupted");
      const tally: Tally = { listed: portion.fresh.size };
      for (const { id, problem: reason } of portion.refused) {
        const isNew = report({ resource, id, difference: "refused", reason, repaired: false });
        if (isNew) count(tally, "refused", "left");
      }
      const settled = await settleDifferences(resource, differences.value, tally);
      if (!settled.ok) return settled;
      tellUnproven(resource, gone.value.unproven, tally);
      return succeed({ tally, absent: gone.value.absent });
    },
    commit: (resource) => (examined) => commit(resource, examined),
    settle,
    async finish(resource) {
      const gone = await findGone.undated(resource);
      if (!gone.ok) return gone;
      if (signal.aborted) return clerkUnavailable(resource, "interrupted");
      const tally: Tally = {};
      tellUnproven(resource, gone.value.unproven, tally);
      commit(resource, { tally, absent: gone.value.absent });
      return await settle(resource);
    },
  };
}

/** How a reconciliation ends. */
export function outcomeOf(counts: Counts): RunOutcome {
  if (sumOf(counts, "left") > 0) return "drift";
  return sumOf(counts, "repaired") > 0 ? "repaired" : "clean";
}
