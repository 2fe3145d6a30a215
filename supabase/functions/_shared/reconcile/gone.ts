import type { ProveAbsence } from "../clerk/absence.ts";
import type { OrganizationAbsenceProof } from "../clerk/organization_absence.ts";
import type { SyncDatabase, UnlistedRow } from "../database/sync_client.ts";
import { type Result, succeed } from "../failure.ts";
import type { ReadPage } from "../listing/page.ts";
import type { Portion } from "../listing/portion.ts";
import { type ResourceName, resources } from "../listing/resource.ts";
import { pause } from "../time_limit.ts";
import { inChunks, mostIds, queryFor } from "./read_again.ts";
import { rowRange } from "./row_range.ts";

/** Rows that Clerk did not list. */
export interface Gone {
  /** Proven: Clerk does not have them. */
  readonly absent: readonly UnlistedRow[];
  /** Clerk gave no answer that can be relied on. */
  readonly unproven: readonly UnlistedRow[];
}

export interface GoneDependencies {
  readonly database: Pick<SyncDatabase, "findUnlisted" | "findUndated">;
  readonly readPage: ReadPage;
  readonly proveUsers: ProveAbsence;
  readonly proveOthers: OrganizationAbsenceProof;
  readonly repairs: boolean;
  /** Milliseconds that a webhook may be under way. */
  readonly settling: number;
  readonly signal: AbortSignal;
}

export interface FindGone {
  /** Those that a portion should have shown. */
  among(resource: ResourceName, portion: Portion): Promise<Result<Gone>>;
  /** Those that do not know when Clerk created them. */
  undated(resource: ResourceName): Promise<Result<Gone>>;
}

/** How many rows the database returns at once. */
const mostRows = 1_000;
/** Witnesses that are tried: one may have been deleted a moment ago. */
const mostWitnesses = 3;

type FindRows = (after: string) => Promise<Result<readonly UnlistedRow[]>>;

export function createFindGone(dependencies: GoneDependencies): FindGone {
  const { database, readPage, proveUsers, proveOthers, repairs, settling, signal } = dependencies;
  /** Somebody whom Clerk has shown lately. */
  const witnesses: Record<ResourceName, string | undefined> = {
    user: undefined,
    organization: undefined,
    membership: undefined,
  };

  /** Looks for someone whom Clerk has. Undefined if Clerk lists nobody: then nothing is proven. */
  async function findWitness(
    resource: "user" | "organization",
    attempt: number,
  ): Promise<Result<string | undefined>> {
    const known = witnesses[resource];
    if (attempt === 0 && known !== undefined) return succeed(known);
    const query = new URLSearchParams({ limit: "1", offset: String(Math.max(0, attempt - 1)) });
    const page = await readPage(resources[resource], query);
    return page.ok ? succeed(page.value?.entries[0]?.id) : page;
  }

  /** Proves batches of users or organizations absent, each with a witness. */
  async function prove(
    resource: "user" | "organization",
    ids: readonly string[],
  ): Promise<ReadonlySet<string>> {
    const absent = new Set<string>();
    for (const batch of inChunks(ids, mostIds - 1)) {
      for (let attempt = 0; attempt < mostWitnesses && !signal.aborted; attempt++) {
        const witness = await findWitness(resource, attempt);
        if (!witness.ok || witness.value === undefined) break;
        const proven = resource === "user"
          ? await proveUsers(batch, { userId: witness.value })
          : await proveOthers.organizations(batch, witness.value);
        if (!proven.ok) continue;
        for (const id of proven.value) absent.add(id);
        break;
      }
    }
    return absent;
  }

  async function proveMemberships(rows: readonly UnlistedRow[]): Promise<ReadonlySet<string>> {
    const absent = new Set<string>();
    const byOrganization = Map.groupBy(rows, (row) => row.organization_clerk_id ?? "");
    // With an organization, all its memberships are gone.
    const noOrganizations = await prove("organization", await unknownOrganizations(byOrganization));
    for (const [organization, members] of byOrganization) {
      if (noOrganizations.has(organization)) {
        for (const { clerk_id: id } of members) absent.add(id);
        continue;
      }
      const suspects = members.flatMap(({ clerk_id: id, user_clerk_id: userId }) =>
        userId === null ? [] : [{ id, userId }]
      );
      // A user of two suspected memberships is asked about in two requests.
      for (const batch of inChunks(suspects, mostIds - 1)) {
        if (organization === "" || signal.aborted) continue;
        const proven = await proveOthers.memberships(organization, batch);
        if (proven.ok) { for (const id of proven.value) absent.add(id); }
      }
    }
    return absent;
  }

  /** Those of the organizations that Clerk does not list. */
  async function unknownOrganizations(
    byOrganization: ReadonlyMap<string, unknown>,
  ): Promise<readonly string[]> {
    const unknown: string[] = [];
    const ids = [...byOrganization.keys()].filter((id) => id !== "");
    for (const batch of inChunks(ids, mostIds)) {
      const page = await readPage(resources.organization, queryFor("organization_id", batch));
      if (!page.ok) continue;
      const shown = new Set(page.value?.entries.map(({ id }) => id));
      unknown.push(...batch.filter((id) => !shown.has(id)));
    }
    return unknown;
  }

  async function examine(
    resource: ResourceName,
    rows: readonly UnlistedRow[],
  ): Promise<Gone> {
    const ids = rows.map(({ clerk_id: id }) => id);
    const absent = resource === "membership"
      ? await proveMemberships(rows)
      : await prove(resource, ids);
    const rest = rows.filter(({ clerk_id: id }) => !absent.has(id));
    const shown = await presentAmong(resource, rest);
    return {
      absent: rows.filter(({ clerk_id: id }) => absent.has(id)),
      unproven: rest.filter(({ clerk_id: id }) => !shown.has(id)),
    };
  }

  /** Those whom Clerk does show when it is asked about them. */
  async function presentAmong(
    resource: ResourceName,
    rows: readonly UnlistedRow[],
  ): Promise<ReadonlySet<string>> {
    const present = new Set<string>();
    const ask = async (path: string, filter: string, ids: readonly string[]) => {
      const page = await readPage({ ...resources[resource], path }, queryFor(filter, ids));
      if (page.ok) { for (const { id } of page.value?.entries ?? []) present.add(id); }
    };
    if (resource === "membership") {
      const byOrganization = Map.groupBy(rows, (row) => row.organization_clerk_id ?? "");
      for (const [organization, members] of byOrganization) {
        const path = `organizations/${encodeURIComponent(organization)}/memberships`;
        const users = members.flatMap(({ user_clerk_id: id }) => id ?? []);
        for (const ids of inChunks(users, mostIds)) await ask(path, "user_id", ids);
      }
    } else {
      for (const batch of inChunks(rows.map(({ clerk_id: id }) => id), mostIds)) {
        await ask(resources[resource].path, `${resource}_id`, batch);
      }
    }
    return new Set(rows.map(({ clerk_id: id }) => id).filter((id) => present.has(id)));
  }

  /** Examines all rows that `find` finds, and looks for those proven absent once more. */
  async function examineAll(resource: ResourceName, find: FindRows): Promise<Result<Gone>> {
    const gone = { absent: [] as UnlistedRow[], unproven: [] as UnlistedRow[] };
    for (let after = "";;) {
      const rows = await find(after);
      if (!rows.ok) return rows;
      if (rows.value.length === 0) return succeed(gone);
      const { absent, unproven } = await examine(resource, rows.value);
      gone.unproven.push(...unproven);
      if (absent.length > 0 && !repairs) {
        // The webhook of their deletion may be under way.
        await pause(settling, signal);
        const still = await find(after);
        if (!still.ok) return still;
        const ids = new Set(still.value.map(({ clerk_id: id }) => id));
        gone.absent.push(...absent.filter(({ clerk_id: id }) => ids.has(id)));
      } else {
        gone.absent.push(...absent);
      }
      if (rows.value.length < mostRows) return succeed(gone);
      after = rows.value.at(-1)?.clerk_id ?? "";
    }
  }

  return {
    async among(resource, { listed, covered }) {
      witnesses[resource] = listed.at(-1) ?? witnesses[resource];
      if (covered.from >= covered.to) return succeed({ absent: [], unproven: [] });
      const range = rowRange(covered);
      return await examineAll(
        resource,
        (after) => database.findUnlisted(resource, listed, range, after),
      );
    },
    undated: (resource) => examineAll(resource, (after) => database.findUndated(resource, after)),
  };
}
