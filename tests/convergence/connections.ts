import postgres from "postgres";
import { open, type Sql } from "../support/database/connections.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { metadataKey } from "./rows.ts";
import { type Subject, tables } from "./subject.ts";

/** The application adds this column to each table, and the histories write to it. */
export const addApplicationColumn = Object.values(tables).map((table) =>
  `alter table public.${table} add column if not exists visits integer not null default 0;`
).join("\n");
export const dropApplicationColumn = Object.values(tables).map((table) =>
  `alter table public.${table} drop column visits;`
).join("\n");

/** A connection with a single session, as the functions' role. */
export async function openConnection(database?: string): Promise<Sql> {
  const url = new URL(runningStack().DB_URL);
  if (database) url.pathname = `/${database}`;
  return await open(postgres(url.href, {
    max: 1,
    onnotice: () => {},
    connection: { role: "service_role", TimeZone: "UTC" },
  }));
}

/** Writes as the application does. Returns whether there was a row. */
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

/** How often each delivery came according to the ledger, by its id. */
export async function readAttempts(
  sql: Sql,
  deliveryIds: readonly string[],
): Promise<Map<string, number>> {
  const rows = await sql<{ delivery_id: string; attempts: number }[]>`
    select delivery_id, attempts from public.clerk_deliveries where delivery_id = any(${deliveryIds})
  `;
  return new Map(rows.map(({ delivery_id: id, attempts }) => [id, attempts]));
}
