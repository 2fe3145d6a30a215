import postgres from "postgres";
import { open, type Sql } from "../support/database/connections.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { metadataKey, type Row } from "./rows.ts";
import { type Subject, tables } from "./subject.ts";

/** A column that the application has added to each table, for the histories' writes. */
export const addApplicationColumn = Object.values(tables).map((table) =>
  `alter table public.${table} add column if not exists visits integer not null default 0;`
).join("\n");
export const dropApplicationColumn = Object.values(tables).map((table) =>
  `alter table public.${table} drop column visits;`
).join("\n");

/** A connection of one session, as the role that the functions have. */
export async function openConnection(database?: string): Promise<Sql> {
  const url = new URL(runningStack().DB_URL);
  if (database) url.pathname = `/${database}`;
  return await open(postgres(url.href, {
    max: 1,
    onnotice: () => {},
    connection: { role: "service_role", TimeZone: "UTC" },
  }));
}

/** The outcome of each fact of a batch. */
export async function applyFacts(sql: Sql, facts: readonly unknown[]): Promise<string[]> {
  const rows = await sql<{ outcome: string }[]>`
    select outcome from public.apply_clerk_facts(${
    JSON.stringify(facts)
  }::text::jsonb) order by item
  `;
  return rows.map(({ outcome }) => outcome);
}

/** The application's own write. Returns whether there is a row to write to. */
export async function writeAsApplication(
  sql: Sql,
  { resource }: Subject,
  clerkId: string,
  { item, deactivate }: { readonly item: number; readonly deactivate: boolean },
): Promise<boolean> {
  const { count } = await sql`
    update public.${sql(tables[resource])} set
      metadata = metadata || jsonb_build_object(${metadataKey(item)}::text, true),
      visits = visits + 1,
      is_active = is_active and not ${deactivate}
    where clerk_id = ${clerkId}
  `;
  return count === 1;
}

/** A row as it is stored, to be compared byte for byte, and which transaction wrote it. */
export interface StoredRow {
  readonly text: string;
  readonly xmin: string;
}

/** The rows with these Clerk ids, by id, without what is each row's own. */
export async function readRows(
  sql: Sql,
  clerkIds: readonly string[],
): Promise<Map<string, StoredRow>> {
  const rows = await sql<{ clerk_id: string; text: string; xmin: string }[]>`
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
  return new Map(rows.map(({ clerk_id: id, text, xmin }) => [id, { text, xmin }]));
}

/** A stored row as the model describes it. */
export function parseRow(row: StoredRow | undefined): Row | undefined {
  return row && JSON.parse(row.text);
}

/** How often each delivery came, by its id. */
export async function readAttempts(
  sql: Sql,
  deliveryIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await sql<{ delivery_id: string; attempts: number }[]>`
    select delivery_id, attempts from public.clerk_deliveries where delivery_id = any(${deliveryIds})
  `;
  return new Map(rows.map(({ delivery_id: id, attempts }) => [id, attempts]));
}
