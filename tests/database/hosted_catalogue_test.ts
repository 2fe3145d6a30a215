/** Compares the local database with the platform's own catalogue, fact by fact. */
import assert from "node:assert/strict";
import { readEnvironment } from "../../local/options.ts";
import { type Sql, withSql } from "../support/database/connections.ts";
import { automaticGrants } from "../support/stack/running_stack.ts";

interface Difference {
  readonly why: string;
  /** Facts that hold only on the platform. */
  readonly lacks?: readonly string[];
  /** Facts that hold only here. */
  readonly has?: readonly string[];
}

const grantsOfOlderProjects = ["r", "S", "f"].flatMap((kind) =>
  ["anon", "authenticated", "service_role"].map((role) => `defacl|postgres|public|${kind}|${role}`)
);

/** The deliberate differences from the platform. An entry that is no longer a difference fails too. */
const differences: readonly Difference[] = [
  {
    why: "The modules are not part of PostgreSQL, and not among the binaries",
    lacks: ["authenticator", "postgres"].map((role) =>
      `config|${role}|session_preload_libraries=supautils, safeupdate`
    ),
  },
  {
    why: "The extensions behind these event triggers are not among the binaries",
    lacks: [
      "evt|issue_graphql_placeholder|sql_drop|supabase_admin",
      "evt|issue_pg_cron_access|ddl_command_end|supabase_admin",
      "evt|issue_pg_graphql_access|ddl_command_end|supabase_admin",
      "evt|issue_pg_net_access|ddl_command_end|postgres",
    ],
  },
  {
    why:
      "On the platform, module supautils lets postgres set up authenticator; here postgres is a member",
    has: ["member|postgres|authenticator|t"],
  },
  {
    why: "New projects grant nothing on objects that postgres later makes in schema public",
    lacks: automaticGrants ? [] : grantsOfOlderProjects,
  },
];

/** Sorting must not depend on the machine here. The last test checks it. */
const localeProvider = /^db\|postgres\|[bci]$/;

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

/** A fact with its grants in a fixed order. */
function plain(fact: string): string {
  return fact.replace(/\{(.*)\}$/, (_, list: string) => list.split(",").sort().join(","));
}

function comparable(facts: readonly string[]): string[] {
  return facts.filter((fact) => !localeProvider.test(fact)).map(plain).sort();
}

Deno.test("roles, rights and settings match the platform's, except for the listed differences", async () => {
  const text = await Deno.readTextFile(new URL("hosted/catalogue.txt", import.meta.url));
  const hosted = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  const found = await withSql(readCatalogue);
  assert.ok(hosted.length > 90, `${hosted.length} facts`);
  const theirs = comparable(hosted);
  const ours = comparable(found);
  assert.deepEqual(
    {
      lacks: theirs.filter((fact) => !ours.includes(fact)),
      has: ours.filter((fact) => !theirs.includes(fact)),
    },
    {
      lacks: differences.flatMap(({ lacks = [] }) => lacks).sort(),
      has: differences.flatMap(({ has = [] }) => has).sort(),
    },
  );
});

Deno.test("the database has the suite's version, and sorts by the suite's locale or by code point", async () => {
  const [row] = await withSql((sql) =>
    sql`
    select current_setting('server_version_num')::integer / 10000 as major, 'a' < 'B' as english
  `
  );
  assert.equal(String(row?.["major"]), readEnvironment().postgresMajor);
  assert.equal(row?.["english"], Deno.env.get("LOCAL_DATABASE_LOCALE") === "en-US");
});
