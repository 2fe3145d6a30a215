/** Holds the local database to the platform's own catalogue, fact by fact. */
import assert from "node:assert/strict";
import type { Sql } from "./database.ts";
import { withSql } from "./database.ts";

/** Where this database is deliberately not the platform's. */
const differences: Readonly<Record<string, readonly RegExp[]>> = {
  "Modules that come from outside PostgreSQL": [/^config\|.*\|session_preload_libraries=/],
  "Extensions that are not here have no event triggers": [/^evt\|issue_/],
  "Module supautils lets postgres set up authenticator; here it is a member": [
    /^member\|postgres\|authenticator\|/,
  ],
  "Sorting is by code point, the same on every machine": [/^db\|postgres\|[bci]$/],
  "New projects grant nothing on what is made later in schema public": [
    /^defacl\|postgres\|public\|[rSf]\|(anon|authenticated|service_role)$/,
  ],
};

async function readCatalogue(sql: Sql): Promise<string[]> {
  const rows = await sql`
    select concat_ws('|', 'role', rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin,
      rolreplication, rolbypassrls) as fact
    from pg_roles where rolname !~ '^pg_'
    union all
    select concat_ws('|', 'config', rolname, setting)
    from pg_roles cross join lateral unnest(rolconfig) as setting
    union all
    select concat_ws('|', 'member', m.member::regrole, m.roleid::regrole, m.admin_option)
    from pg_auth_members as m where m.member::regrole::text !~ '^pg_'
    union all
    select concat_ws('|', 'schema', nspname, nspowner::regrole, (
      select array_agg(concat(a.grantee::regrole, ':', a.privilege_type))
      from aclexplode(nspacl) as a where a.grantee <> 0
    )::text)
    from pg_namespace where nspname in ('public', 'auth', 'extensions', 'storage', 'realtime')
    union all
    select distinct concat_ws('|', 'defacl', defaclrole::regrole, defaclnamespace::regnamespace, defaclobjtype,
      a.grantee::regrole)
    from pg_default_acl cross join lateral aclexplode(defaclacl) as a
    where defaclnamespace::regnamespace::text in ('public', 'auth', 'extensions')
    union all
    select concat_ws('|', 'authfn', format('%s()', p.proname), p.proowner::regrole,
      has_function_privilege('anon', p.oid, 'execute'), has_function_privilege('postgres', p.oid, 'execute'),
      md5(regexp_replace(p.prosrc, '\\s+', '', 'g')))
    from pg_proc as p where p.pronamespace = 'auth'::regnamespace
    union all
    select concat_ws('|', 'evt', evtname, evtevent, evtowner::regrole) from pg_event_trigger
    union all
    select concat_ws('|', 'db', pg_get_userbyid(datdba), datlocprovider) from pg_database where datname = 'postgres'
  `;
  return rows.map(({ fact }) => String(fact));
}

/** A fact in which the order of what is granted does not count. */
function plain(fact: string): string {
  return fact.replace(/\{(.*)\}$/, (_, list: string) => list.split(",").sort().join(","));
}

function withoutDifferences(facts: readonly string[]): string[] {
  const known = Object.values(differences).flat();
  return facts.filter((fact) => !known.some((pattern) => pattern.test(fact))).map(plain).sort();
}

Deno.test("Roles, rights and settings are the platform's, but for differences that are written down", async () => {
  const text = await Deno.readTextFile(new URL("hosted/catalogue.txt", import.meta.url));
  const hosted = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const found = await withSql(readCatalogue);
  assert.ok(hosted.length > 90, `${hosted.length} facts`);
  assert.deepEqual(withoutDifferences(found), withoutDifferences(hosted));
});
