import { z } from "zod";
import type { Sql } from "./connections.ts";

/** A stored row as text for byte-wise comparison, and the transaction that wrote it. */
export interface StoredRow {
  readonly text: string;
  readonly xmin: string;
}

const storedRows = z.array(z.object({ clerk_id: z.string(), text: z.string(), xmin: z.string() }));

/** The rows with these Clerk ids, by id. Columns that differ between equal rows are left out. */
export async function readRows(
  sql: Sql,
  clerkIds: readonly string[],
): Promise<Map<string, StoredRow>> {
  const rows = await sql`
    select
      r.clerk_id, r.xmin,
      (r.columns - '{id,clerk_id,created_at,updated_at,synced_at,deactivated_at,revived_at}'::text[])::text as text
    from (
      select u.clerk_id, u.xmin::text, to_jsonb(u) as columns from public.users as u
      union all
      select o.clerk_id, o.xmin::text, to_jsonb(o) from public.organizations as o
      union all
      select m.clerk_id, m.xmin::text, to_jsonb(m) from public.organization_memberships as m
    ) as r
    where r.clerk_id = any(${clerkIds})
  `;
  const parsed = storedRows.parse([...rows]);
  return new Map(parsed.map(({ clerk_id: id, text, xmin }) => [id, { text, xmin }]));
}

const columns = z.record(z.string(), z.unknown());

/** A stored row's columns. */
export function parseRow(row: StoredRow | undefined): z.infer<typeof columns> | undefined {
  return row && columns.parse(JSON.parse(row.text));
}
