import type { TransactionSql } from "postgres";
import type { Sql } from "../support/database/connections.ts";
import { newClerkId } from "../support/facts/facts.ts";
import {
  closedOrganization,
  deactivatedUser,
  deletedOrganization,
  exUser,
  memberships,
  organizations,
  users,
} from "./tenants.ts";

/** A Clerk id that no row has. */
const nobodyYet = newClerkId();

const then = "2026-01-01T00:00:00Z";

/** The rows for the requests on one table. No request and no test touches other rows. */
export interface Fixture {
  /** The column that identifies a row. */
  readonly key: string;
  /** A key that no row has. */
  readonly newKey: string;
  /** Keys of the existing rows, the first user's first. */
  readonly keys: readonly string[];
  /** The columns of a row. */
  row(key: string): Readonly<Record<string, unknown>>;
  /** The primary key of a row, by column. */
  primaryKeyOf(key: string): Readonly<Record<string, string>>;
  /** Columns that a new row needs besides its key. */
  readonly needed?: Readonly<Record<string, unknown>>;
  /** The change in a writing request. It is something that users may change, if anything. */
  readonly change: Readonly<Record<string, unknown>>;
}

/** The fixtures by table. */
const fixtures: Readonly<Record<string, Fixture>> = {
  users: {
    key: "clerk_id",
    newKey: nobodyYet,
    keys: users,
    row: (clerkId) => ({
      clerk_id: clerkId,
      id: uuidOf(clerkId),
      email: `${clerkId}@example.com`,
      is_active: clerkId !== exUser && clerkId !== deactivatedUser,
      deleted_at: clerkId === exUser ? then : null,
      deactivated_at: clerkId === deactivatedUser ? then : null,
      clerk_updated_at: then,
      created_at: then,
      updated_at: then,
    }),
    primaryKeyOf: (clerkId) => ({ id: uuidOf(clerkId) }),
    change: { metadata: { changed: true } },
  },
  clerk_deliveries: {
    key: "delivery_id",
    newKey: nobodyYet,
    keys: users.map((clerkId) => `msg_${clerkId}`),
    row: (deliveryId) => ({
      delivery_id: deliveryId,
      subject: deliveryId.slice("msg_".length),
      outcome: "created",
      received_at: then,
      last_received_at: then,
    }),
    primaryKeyOf: (deliveryId) => ({ delivery_id: deliveryId }),
    change: { outcome: "updated" },
  },
  clerk_sync_runs: {
    key: "id",
    newKey: uuidOf(nobodyYet),
    keys: users.map(uuidOf),
    row: (id) => ({
      id,
      kind: "full",
      repairs: false,
      holder: id,
      held_until: then,
      started_at: then,
      saved_at: then,
      ended_at: then,
      outcome: "clean",
    }),
    primaryKeyOf: (id) => ({ id }),
    needed: {
      kind: "full",
      repairs: false,
      holder: uuidOf(nobodyYet),
      held_until: then,
      ended_at: then,
      outcome: "clean",
    },
    change: { reason: "changed" },
  },
  organizations: {
    key: "clerk_id",
    newKey: nobodyYet,
    keys: organizations,
    row: (clerkId) => ({
      clerk_id: clerkId,
      id: uuidOf(clerkId),
      name: `Name of ${clerkId}`,
      is_active: clerkId !== deletedOrganization && clerkId !== closedOrganization,
      deleted_at: clerkId === deletedOrganization ? then : null,
      deactivated_at: clerkId === closedOrganization ? then : null,
      clerk_updated_at: then,
      created_at: then,
      updated_at: then,
    }),
    primaryKeyOf: (clerkId) => ({ id: uuidOf(clerkId) }),
    change: { metadata: { changed: true } },
  },
  organization_memberships: {
    key: "clerk_id",
    newKey: nobodyYet,
    keys: memberships.map(({ clerkId }) => clerkId),
    row: (clerkId) => membershipRow(clerkId),
    primaryKeyOf: (clerkId) => ({ id: uuidOf(clerkId) }),
    needed: { organization_clerk_id: "org_of_the_matrix", role: "org:member" },
    change: { metadata: { changed: true } },
  },
};

function membershipRow(clerkId: string) {
  const membership = memberships.find((one) => one.clerkId === clerkId);
  if (!membership) throw new Error(`There is no membership ${clerkId}: list it in tenants.ts`);
  const { organization, user, role, state } = membership;
  return {
    clerk_id: clerkId,
    id: uuidOf(clerkId),
    organization_clerk_id: organization,
    user_clerk_id: user,
    role,
    is_active: state === "active",
    deleted_at: state === "ended" ? then : null,
    deactivated_at: state === "dismissed" ? then : null,
    clerk_created_at: then,
    clerk_updated_at: then,
    created_at: then,
    updated_at: then,
  };
}

function uuidOf(clerkId: string): string {
  return clerkId.slice(clerkId.indexOf("_") + 1)
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

export function fixtureOf(table: string): Fixture {
  const fixture = fixtures[table];
  if (!fixture) throw new Error(`Give the table ${table} rows in tests/rights/fixtures.ts`);
  return fixture;
}

/** The fixture's current rows, by key. */
export async function readRows(sql: Sql, table: string): Promise<Map<string, string>> {
  const { key, keys, newKey } = fixtureOf(table);
  const rows = await sql`
    select ${sql(key)} as key, to_jsonb(t)::text as row from ${sql(`public.${table}`)} as t
    where ${sql(key)} = any(${[...keys, newKey]})
  `;
  return new Map(rows.map((row) => [String(row.key), String(row.row)]));
}

/** Restores the fixture's rows. */
export async function resetRows(sql: Sql, table: string): Promise<void> {
  const { keys, row } = fixtureOf(table);
  await sql.begin(async (transaction) => {
    await removeRows(transaction, table);
    await transaction`insert into ${sql(`public.${table}`)} ${sql(keys.map(row))}`;
  });
}

/** Restores all fixtures, because what a table shows depends on the rows of the others. */
export async function resetEveryRow(sql: Sql): Promise<void> {
  for (const table of Object.keys(fixtures)) await resetRows(sql, table);
}

export async function removeEveryRow(sql: Sql): Promise<void> {
  for (const table of Object.keys(fixtures)) await removeRows(sql, table);
}

export async function removeRows(sql: Sql | TransactionSql, table: string): Promise<void> {
  const { key, keys, newKey } = fixtureOf(table);
  await sql`
    delete from ${sql(`public.${table}`)} where ${sql(key)} = any(${[...keys, newKey]})
  `;
}
