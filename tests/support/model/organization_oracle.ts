import assert from "node:assert/strict";
import { withSql } from "../database/connections.ts";
import type { Chronicle } from "../facts/chronicle.ts";
import { membershipFactOf, organizationFactOf } from "../facts/organization_states.ts";
import { membershipOf, type Told } from "../facts/told.ts";

/** Clerk's columns of a row: those that facts bring. */
type Columns = Readonly<Record<string, unknown>>;

interface Deletion {
  readonly deletedAt: number;
}

/** Asserts that organizations and memberships are what everything told makes of them, in whatever order. */
export async function assertOrganizationsConverged(chronicle: Chronicle): Promise<void> {
  const rows = await readColumns(chronicle.others);
  for (const id of chronicle.others) {
    const told = chronicle.of(id);
    const expected = told.some(membershipOf)
      ? expectedMembership(told, chronicle)
      : expectedOrganization(told);
    assert.deepEqual(rows.get(id), {
      clerk_id: id,
      ...expected,
      is_active: expected.deleted_at === null,
    });
  }
}

/** The rows by Clerk id, without what is the application's and the database's own. */
async function readColumns(clerkIds: readonly string[]): Promise<Map<string, Columns>> {
  const rows = await withSql((sql) =>
    sql<{ clerk_id: string; columns: Columns }[]>`
      select r.clerk_id,
        r.columns - '{id,metadata,created_at,updated_at,synced_at,deactivated_at}'::text[] as columns
      from (
        select o.clerk_id, to_jsonb(o) as columns from public.organizations as o
        union all
        select m.clerk_id, to_jsonb(m) from public.organization_memberships as m
      ) as r
      where r.clerk_id = any(${clerkIds})
    `
  );
  return new Map(rows.map(({ clerk_id: id, columns }) => [id, withPlainTimes(columns)]));
}

/** Times as facts have them. */
function withPlainTimes(columns: Columns): Columns {
  return Object.fromEntries(
    Object.entries(columns).map(([name, value]) =>
      name.endsWith("_at") && value !== null
        ? [name, new Date(String(value)).toISOString()]
        : [name, value]
    ),
  );
}

function expectedOrganization(told: readonly Told[]) {
  const newest = newestOf(told.flatMap((one) => one.kind === "organization" ? [one.state] : []));
  const deletedAt = earliest(told.filter((one) => one.kind === "organization deletion"));
  if (!newest) return { ...emptyOrganization, deleted_at: deletedAt };
  const { kind: _, ...columns } = organizationFactOf(newest);
  return { ...columns, deleted_at: deletedAt };
}

/** A membership ends with its organization, and with its user where any state names the user. */
function expectedMembership(told: readonly Told[], chronicle: Chronicle) {
  const states = told.flatMap((one) =>
    one.kind === "membership" || one.kind === "membership deletion" ? [one.state] : []
  );
  const newest = newestOf(states);
  assert.ok(newest, "a membership is told of with a state");
  const { kind: _, ...columns } = membershipFactOf(newest);
  const user = states.find(({ ids }) => ids.user_clerk_id !== null)?.ids.user_clerk_id ?? null;
  const ends = [
    ...told,
    ...chronicle.of(newest.ids.organization_clerk_id),
    ...(user === null ? [] : chronicle.of(user)),
  ].filter((one) => "deletedAt" in one);
  return { ...columns, user_clerk_id: user, deleted_at: earliest(ends) };
}

/** By time, then by content, which the token settles. */
function newestOf<T extends { readonly updatedAt: number; readonly token: string }>(
  states: readonly T[],
): T | undefined {
  return states.toSorted((left, right) =>
    right.updatedAt - left.updatedAt || (left.token < right.token ? 1 : -1)
  )[0];
}

function earliest(deletions: readonly Deletion[]): string | null {
  if (deletions.length === 0) return null;
  return new Date(Math.min(...deletions.map(({ deletedAt }) => deletedAt))).toISOString();
}

/** The columns of an organization of which only the deletion is known. */
const emptyOrganization = {
  name: null,
  slug: null,
  image_url: null,
  created_by: null,
  public_metadata: {},
  clerk_created_at: null,
  clerk_updated_at: null,
};
