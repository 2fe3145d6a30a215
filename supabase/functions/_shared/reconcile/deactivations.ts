import * as z from "zod/mini";
import type { SyncDatabase, UnlistedRow } from "../database/sync_client.ts";
import type { FactItem } from "../facts/fact.ts";
import { type Result, succeed } from "../failure.ts";
import { type ResourceName, resourceNames } from "../listing/resource.ts";
import type { Report } from "../runs/finding.ts";
import { count, type Tally } from "../runs/tally.ts";
import { inChunks } from "./read_again.ts";

const row = z.object({ id: z.string(), difference: z.enum(["wrongly_active", "extra"]) });

/** Rows proven absent from Clerk, whose deletion waits until the resource was read to its end. */
export const deactivationsState = z.object({
  waiting: z.record(z.enum(resourceNames), z.array(row)),
  /** How many were found where that is too many: none of them is deleted. */
  braked: z.record(z.enum(resourceNames), z.int()),
  /** Whether Clerk knows rows of the tables. */
  known: z.boolean(),
});
export type DeactivationsState = z.infer<typeof deactivationsState>;

export function noDeactivations(): DeactivationsState {
  return {
    waiting: { user: [], organization: [], membership: [] },
    braked: { user: 0, organization: 0, membership: 0 },
    known: false,
  };
}

/** So many deletions are never too many. */
const alwaysAllowed = 10;
/** Of the rows of a resource, the part that may be deleted. */
const allowedPart = 0.01;
const batch = 100;

const kinds = {
  user: "user_deleted",
  organization: "organization_deleted",
  membership: "membership_deleted",
} as const;
const events: Readonly<Record<ResourceName, string>> = {
  user: "user.deleted",
  organization: "organization.deleted",
  membership: "organizationMembership.deleted",
};
const plural: Readonly<Record<ResourceName, string>> = {
  user: "users",
  organization: "organizations",
  membership: "memberships",
};

export interface DeactivationsDependencies {
  readonly database: Pick<SyncDatabase, "apply" | "measure">;
  readonly repairs: boolean;
  readonly report: Report;
  /** So many deletions of a resource are allowed in any case. */
  readonly allowed?: number | undefined;
  readonly now?: () => number;
}

/** Deletes rows that Clerk does not have: all at the end, and none if they are too many. */
export interface Deactivations {
  /** Reads how many deletions are allowed. */
  begin(resource: ResourceName): Promise<Result<void>>;
  /** Takes rows proven absent. Counts what becomes of them at once. */
  add(resource: ResourceName, rows: readonly UnlistedRow[]): Tally;
  /** Deletes those that wait. */
  apply(resource: ResourceName): Promise<Result<Tally>>;
  /** Says why rows were left; undefined if none was. */
  refusal(): string | undefined;
}

export function createDeactivations(
  state: DeactivationsState,
  dependencies: DeactivationsDependencies,
): Deactivations {
  const { database, repairs, report, allowed = 0, now = Date.now } = dependencies;
  const most = { user: alwaysAllowed, organization: alwaysAllowed, membership: alwaysAllowed };

  function leave(
    resource: ResourceName,
    rows: readonly z.infer<typeof row>[],
    tally: Tally,
  ): void {
    for (const { id, difference } of rows) {
      if (report({ resource, id, difference, repaired: false })) count(tally, difference, "left");
    }
  }

  return {
    async begin(resource) {
      const measured = await database.measure(resource, { from: null, to: null });
      if (!measured.ok) return measured;
      const part = Math.floor(measured.value.rows * allowedPart);
      most[resource] = Math.max(alwaysAllowed, part, allowed);
      return succeed(undefined);
    },

    add(resource, rows) {
      const tally: Tally = {};
      const found = rows.map(({ clerk_id: id, difference }) => ({ id, difference }));
      if (!repairs) {
        leave(resource, found, tally);
        return tally;
      }
      const waiting = state.waiting[resource];
      waiting.push(...found);
      // Where too many of one resource are gone, nothing is certain about the others.
      const braked = resourceNames.some((name) => state.braked[name] > 0);
      if (braked || waiting.length > most[resource]) {
        // They are too many, so they need not be remembered.
        state.braked[resource] += waiting.length;
        leave(resource, waiting.splice(0), tally);
      }
      return tally;
    },

    async apply(resource) {
      const tally: Tally = {};
      const unique = new Map(state.waiting[resource].map((row) => [row.id, row]));
      for (const rows of inChunks([...unique.values()], batch)) {
        const deletedAt = new Date(now()).toISOString();
        const facts = rows.map(({ id }): FactItem => ({
          kind: kinds[resource],
          clerk_id: id,
          deleted_at: deletedAt,
          delivery: {
            id: `reconcile_${id}`,
            type: events[resource],
            source: "reconcile",
            occurred_at: null,
          },
        }));
        const written = await database.apply(facts);
        if (!written.ok) return written;
        for (const { item, outcome, reason } of written.value) {
          const row = rows[item - 1];
          if (row === undefined) continue;
          const repaired = outcome !== "rejected";
          const why = repaired ? {} : { reason: `rejected: ${reason}` };
          if (report({ resource, ...row, ...why, repaired })) {
            count(tally, row.difference, repaired ? "repaired" : "left");
          }
        }
      }
      state.waiting[resource] = [];
      return succeed(tally);
    },

    refusal() {
      // Resources are read in this order, so the first is the one of which too many are gone.
      const [first, ...others] = resourceNames.filter((name) => state.braked[name] > 0);
      if (first === undefined) return undefined;
      const many = Math.max(...resourceNames.map((name) => state.braked[name]));
      const say = (name: ResourceName) =>
        `${state.braked[name]} ${state.braked[name] === 1 ? name : plural[name]}`;
      const more = others.length === 0
        ? ""
        : `, nor was anything else that is gone: ${others.map(say).join(" and ")}`;
      return `${
        say(first)
      } are gone from Clerk, more than 1 % and more than ${alwaysAllowed}. None ` +
        `of them was deactivated${more}. If that is right, allow it with --allow-deactivations ${many}`;
    },
  };
}
