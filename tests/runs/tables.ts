import assert from "node:assert/strict";
import { z } from "zod";
import { type Sql, withSql } from "../support/database/connections.ts";
import { emptyClerk, readClerk } from "./clerk_side.ts";

const tables = {
  user: "users",
  organization: "organizations",
  membership: "organization_memberships",
} as const;

/** Begins with nobody on either side. */
export async function startEmpty(): Promise<void> {
  await emptyClerk();
  await withSql(async (sql) => {
    await sql`truncate public.users, public.organizations, public.organization_memberships cascade`;
    await sql`truncate public.clerk_sync_runs, public.clerk_deliveries`;
  });
}

const row = z.record(z.string(), z.unknown());

/** Asserts that every row shows what Clerk says, and that nobody else is active. */
export async function assertAsClerk(): Promise<void> {
  const facts = await readClerk();
  await withSql(async (sql) => {
    for (const [kind, table] of Object.entries(tables)) {
      const expected = facts.filter((fact) => fact.kind === kind);
      const rows = await sql`
        select to_jsonb(t) as row from ${sql(`public.${table}`)} as t where t.deleted_at is null`;
      const found = new Map(rows.map((read) => {
        const columns = row.parse(read.row);
        return [columns.clerk_id, columns];
      }));
      assert.equal(found.size, expected.length, `as many ${table} as in Clerk`);
      for (const { kind: _, ...fact } of expected) {
        const columns = found.get(fact.clerk_id);
        assert.ok(columns, `${fact.clerk_id} has a row`);
        for (const [name, value] of Object.entries(fact)) {
          assert.deepEqual(normal(columns[name]), normal(value), `${fact.clerk_id} ${name}`);
        }
      }
    }
  });
}

/** Times in the same form. */
function normal(value: unknown): unknown {
  return typeof value === "string" && /^\d{4}-\d\d-\d\dT/.test(value)
    ? new Date(value).toISOString()
    : value;
}

/** The version of every row: changes with each write. */
export async function readVersions(): Promise<string> {
  return await withSql(async (sql) => {
    const rows = await sql`
      select clerk_id, xmin::text from public.users
      union all select clerk_id, xmin::text from public.organizations
      union all select clerk_id, xmin::text from public.organization_memberships
      order by 1`;
    return JSON.stringify(rows);
  });
}

const runs = z.array(z.object({
  kind: z.string(),
  repairs: z.boolean(),
  outcome: z.string().nullable(),
  reason: z.string().nullable(),
  drift: z.coerce.number(),
}));

/** All runs, the oldest first. */
export async function readRuns(): Promise<z.infer<typeof runs>> {
  return await withSql(async (sql) =>
    runs.parse([
      ...await sql`
        select kind, repairs, outcome, reason, drift from public.clerk_sync_runs order by started_at`,
    ])
  );
}

/** Lets go of runs whose process was killed, as time would. */
export async function letGo(): Promise<void> {
  await withSql((sql) => sql`update public.clerk_sync_runs set held_until = now()`);
}

export type { Sql };
