import { placeTables, prepareTableSchema } from "../../../local/migrations/schema.ts";
import { tableSchema } from "../stack/table_schema.ts";
import type { Sql } from "./connections.ts";

const folder = new URL("../../../supabase/migrations/", import.meta.url);

/** The migrations' texts, in order. */
export async function readMigrations(): Promise<string[]> {
  const names = (await Array.fromAsync(Deno.readDir(folder))).map((entry) => entry.name);
  const texts = await Promise.all(
    names.filter((name) => name.endsWith(".sql")).sort()
      .map((name) => Deno.readTextFile(new URL(name, folder))),
  );
  const placed = texts.map((text) => placeTables(text, tableSchema));
  return [prepareTableSchema(tableSchema) + placed[0], ...placed.slice(1)];
}

/** A file's single statements. `psql -f` sends each in a transaction of its own. */
export function splitStatements(text: string): string[] {
  const statements = text.match(/(?:--[^\n]*|\$\$[\s\S]*?\$\$|'(?:[^']|'')*'|[^;])+;/g) ?? [];
  return statements.map((statement) => statement.trim());
}

/** The schemas with objects that the migrations make. */
export const schemas: readonly string[] = [
  ...new Set(["public", tableSchema, "clerk_sync", "clerk_auth"]),
];

/** Everything that the migrations make, in a comparable form without oids and order of creation. */
export async function describeSchema(sql: Sql): Promise<string> {
  const [row] = await sql<[{ schema: unknown }]>`
    with part as (
      select 'column' as kind, format('%s.%s', c.oid::regclass, a.attname) as name,
        concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, pg_get_expr(d.adbin, d.adrelid), a.attacl, col_description(c.oid, a.attnum)) as definition
      from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
      where c.relnamespace::regnamespace::text = any(${schemas}) and c.relkind = 'r'
      union all
      select 'table', c.oid::regclass::text, concat_ws(' ', c.relrowsecurity, c.relacl, obj_description(c.oid))
      from pg_class c where c.relnamespace::regnamespace::text = any(${schemas}) and c.relkind = 'r'
      union all
      select 'index', indexname, indexdef from pg_indexes where schemaname = any(${schemas})
      union all
      select 'constraint', conname, pg_get_constraintdef(oid) from pg_constraint
      where connamespace::regnamespace::text = any(${schemas})
      union all
      select 'policy', policyname, concat_ws(' ', tablename, roles, cmd, qual, with_check) from pg_policies
      where schemaname = any(${schemas})
      union all
      select 'function', p.oid::regprocedure::text, concat_ws(' ', pg_get_functiondef(p.oid), p.proacl, obj_description(p.oid))
      from pg_proc p where p.pronamespace::regnamespace::text = any(${schemas})
      union all
      select 'trigger', tgname, pg_get_triggerdef(oid) from pg_trigger
      where not tgisinternal and tgrelid in (select oid from pg_class where relnamespace::regnamespace::text = any(${schemas}))
      union all
      select 'schema', nspname, concat_ws(' ', nspacl, obj_description(oid)) from pg_namespace
      where nspname::text = any(${schemas}) and nspname <> 'public'
    )
    select jsonb_pretty(jsonb_agg(jsonb_build_array(kind, name, definition) order by kind, name, definition)) as schema
    from part
  `;
  return String(row.schema);
}
