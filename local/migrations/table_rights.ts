import type { Sql } from "postgres";
import { z } from "zod";
import { movableTables } from "./schema.ts";

const rights = z.array(z.object({ relation: z.string(), right: z.string(), grantee: z.string() }));

export type TableRights = z.infer<typeof rights>;

/** The rights that the API's user roles have on tables with our names, whoever made them. */
export async function readTableRights(sql: Sql, schema: string): Promise<TableRights> {
  return rights.parse(
    await sql`
      select format('%I.%I', n.nspname, c.relname) as relation, lower(x.privilege_type) as right, g.name as grantee
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      cross join lateral aclexplode(c.relacl) as x
      cross join lateral (
        select case x.grantee when 0 then 'public' else pg_get_userbyid(x.grantee) end as name
      ) as g
      where n.nspname = ${schema} and c.relname = any (${[
      ...movableTables,
    ]}) and c.relkind in ('r', 'p')
        and g.name in ('public', 'anon', 'authenticated')
        and x.privilege_type in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
      order by 1, 3, 2
    `,
  );
}

/** A line for each table and role that lost rights. */
export function describeLostRights(before: TableRights, after: TableRights): string[] {
  const left = new Set(
    after.map(({ relation, right, grantee }) => `${relation} ${grantee} ${right}`),
  );
  const lost = before.filter(({ relation, right, grantee }) =>
    !left.has(`${relation} ${grantee} ${right}`)
  );
  const groups = Map.groupBy(lost, ({ relation, grantee }) => `${grantee} on ${relation}`);
  return [...groups].map(([where, these]) =>
    `Rights removed from ${where}: ${these.map(({ right }) => right).join(", ")}`
  );
}

const hidden = z.array(z.object({ relation: z.string(), columns: z.string() }));

/** A line for each table with columns of the application's that users cannot read. */
export async function readHiddenColumns(sql: Sql, schema: string): Promise<string[]> {
  const found = hidden.parse(
    await sql`
      select format('%I.%I', n.nspname, c.relname) as relation, string_agg(a.attname, ', ' order by a.attnum) as columns
      from pg_class as c
      join pg_namespace as n on n.oid = c.relnamespace
      join pg_attribute as a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
      where n.nspname = ${schema} and c.relname in ('users', 'organizations', 'organization_memberships')
        and not has_column_privilege('authenticated', c.oid, a.attnum, 'select')
      group by 1
      order by 1
    `,
  );
  return found.map(({ relation, columns }) =>
    `Users cannot read ${columns} of ${relation}, so their "select *" fails. ` +
    `To let them: grant select on ${relation} to authenticated`
  );
}
