import type { Sql } from "../support/database/connections.ts";

/** A function by its signature, such as `purge_deleted_users(interval)`. */
export interface CatalogueFunction {
  readonly name: string;
  readonly signature: string;
}

/** Columns by table or view, in the exposed schema. */
export async function readTables(sql: Sql): Promise<Map<string, string[]>> {
  const rows = await sql`
    select c.relname as name, array_agg(a.attname::text order by a.attname) as columns
    from pg_class as c
    join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p', 'v', 'm', 'f')
    group by c.oid, c.relname
  `;
  return new Map(rows.map((row) => [String(row.name), row.columns]));
}

/** The functions of a schema, of every kind. */
export async function readFunctions(sql: Sql, schema: string): Promise<CatalogueFunction[]> {
  const rows = await sql`
    select p.proname as name, format('%s(%s)', p.proname, pg_get_function_identity_arguments(p.oid)) as signature
    from pg_proc as p where p.pronamespace = ${schema}::regnamespace order by 2
  `;
  return rows.map((row) => ({ name: String(row.name), signature: String(row.signature) }));
}
