import type { SyncDatabase } from "../database/sync_client.ts";
import { type Result, succeed } from "../failure.ts";
import type { ResourceName } from "../listing/resource.ts";
import type { Report } from "../runs/finding.ts";
import { count, type Tally } from "../runs/tally.ts";
import { compareWithRows, type Difference, isBehind } from "./difference.ts";
import type { ReadAgain } from "./read_again.ts";

export interface RepairDependencies {
  readonly database: Pick<SyncDatabase, "compare" | "repair">;
  readonly readAgain: ReadAgain;
  readonly repairs: boolean;
  readonly report: Report;
}

/** Mends differences through the write path, or only tells of them. Counts into the tally. */
export type Settle = (
  resource: ResourceName,
  differences: readonly Difference[],
  tally: Tally,
) => Promise<Result<void>>;

export function createSettle(
  { database, readAgain, repairs, report }: RepairDependencies,
): Settle {
  /** Writes the states. Returns why those that the database does not take are refused, by id. */
  async function write(
    differences: readonly Difference[],
  ): Promise<Result<ReadonlyMap<string, string>>> {
    const rejected = new Map<string, string>();
    const facts = differences.map((difference) => {
      const { fact, compared: { seen } } = difference;
      // A row that is not behind would not take the state: somebody has changed it by hand.
      return isBehind(difference) || seen === null ? fact : { ...fact, seen };
    });
    const written = await database.repair(facts);
    if (!written.ok) return written;
    for (const { item, outcome, reason } of written.value) {
      const id = facts[item - 1]?.clerk_id;
      if (id !== undefined && outcome === "rejected") rejected.set(id, reason ?? "");
    }
    return succeed(rejected);
  }

  /**
   * The ids of those that still differ: a deletion is final, and a trigger of the application may
   * change what is written. Clerk is asked again about rows that are deleted: it may have deleted the
   * user meanwhile.
   */
  async function stillDiffer(
    resource: ResourceName,
    differences: readonly Difference[],
  ): Promise<Result<ReadonlySet<string>>> {
    const compared = await compareWithRows(database, differences.map(({ fact }) => fact));
    if (!compared.ok) return compared;
    const left = compared.value.filter(({ compared: { ahead } }) => !ahead);
    const [deleted, others] = [left.filter(isDeleted), left.filter((one) => !isDeleted(one))];
    const shown = await readAgain(resource, deleted.map(({ fact }) => fact));
    if (!shown.ok) return shown;
    const facts = [...others.map(({ fact }) => fact), ...shown.value];
    return succeed(new Set(facts.map(({ clerk_id: id }) => id)));
  }

  return async (resource, differences, tally) => {
    const mendable = repairs ? differences : [];
    let rejected: ReadonlyMap<string, string> = new Map();
    let left: ReadonlySet<string> = new Set();
    if (mendable.length > 0) {
      const written = await write(mendable);
      if (!written.ok) return written;
      const checked = await stillDiffer(resource, mendable);
      if (!checked.ok) return checked;
      rejected = written.value;
      left = checked.value;
    }
    const mended = new Set(mendable.map(({ fact }) => fact.clerk_id).filter((id) => !left.has(id)));
    for (const { fact: { clerk_id: id }, compared: { difference, columns } } of differences) {
      const repaired = mended.has(id);
      const reason = rejected.get(id);
      const isNew = report({
        resource,
        id,
        difference,
        ...(columns === null ? {} : { columns }),
        ...(reason === undefined ? {} : { reason: `rejected: ${reason}` }),
        repaired,
      });
      if (!isNew) continue;
      count(tally, difference, repaired ? "repaired" : "left");
      if (reason !== undefined) count(tally, "rejected");
    }
    return succeed(undefined);
  };
}

function isDeleted({ compared: { difference } }: Difference): boolean {
  return difference === "wrongly_deleted";
}
