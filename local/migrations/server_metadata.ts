import type { Sql } from "postgres";
import { z } from "zod";

const answer = z.tuple([z.object({ reserved: z.boolean() })]);

/** Whether the users table has a column `metadata` that users cannot write. After the migrations they can. */
export async function isMetadataReserved(sql: Sql, schema: string): Promise<boolean> {
  const [{ reserved }] = answer.parse(
    await sql`
      select exists (
        select from pg_class as c
        join pg_attribute as a on a.attrelid = c.oid and a.attname = 'metadata' and not a.attisdropped
        where c.oid = to_regclass(format('%I.users', ${schema}::text)) and c.relkind in ('r', 'p')
          and not (
            has_column_privilege('authenticated', c.oid, a.attnum, 'update')
            and (not c.relrowsecurity or exists (
              select from pg_policy as p
              where p.polrelid = c.oid and p.polpermissive and p.polcmd in ('w', '*')
                and p.polroles && array[0, 'authenticated'::regrole]::oid[]
            ))
          )
      ) as reserved
    `,
  );
  return reserved;
}

/** What whoever takes such a table over has to know. */
export function describeOpenMetadata(schema: string): string {
  return `Users may now change metadata in their own row of ${schema}.users. ` +
    "If your server relies on a value in it, such as a role, move that to a column of your own";
}
