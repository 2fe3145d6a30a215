import type { SyncDatabase } from "../database/sync_client.ts";
import type { StateFact } from "../facts/fact.ts";
import { type Result, succeed } from "../failure.ts";
import type { ResourceName } from "../listing/resource.ts";
import type { Report } from "../runs/finding.ts";
import { count, type Tally } from "../runs/tally.ts";
import { type Difference, isBehind } from "./difference.ts";
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

  /** Those whose rows do not show them and know nothing newer. */
  async function unshown(facts: readonly StateFact[]): Promise<Result<readonly StateFact[]>> {
    if (facts.length === 0) return succeed([]);
    const compared = await database.compare(facts);
    if (!compared.ok) return compared;
    return succeed(
      compared.value.filter(({ ahead }) => !ahead).flatMap(({ item }) => facts[item - 1] ?? []),
    );
  }

  /**
   * The ids of those that still differ: a deletion is final, and a trigger of the application may
   * change what is written. Clerk is asked again, because it may have deleted them meanwhile.
   */
  async function stillDiffer(
    resource: ResourceName,
    differences: readonly Difference[],
  ): Promise<Result<ReadonlySet<string>>> {
    const left = await unshown(differences.map(({ fact }) => fact));
    if (!left.ok) return left;
    const again = await readAgain(resource, left.value);
    if (!again.ok) return again;
    const still = await unshown(again.value);
    return still.ok ? succeed(new Set(still.value.map(({ clerk_id: id }) => id))) : still;
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
