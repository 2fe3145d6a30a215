import { join } from "node:path";
import type { Sql } from "postgres";
import { placeTables } from "../../local/migrations/schema.ts";
import { checkout } from "../../local/options.ts";

/** docs/schedule.sql for the tables' schema and the functions' prefix. */
export async function readScheduleSql(
  { schema, prefix }: { readonly schema: string; readonly prefix: string },
): Promise<string> {
  const text = await Deno.readTextFile(join(checkout, "docs/schedule.sql"));
  return placeTables(text, schema)
    .replace("'/functions/v1/clerk-reconcile'", `'/functions/v1/${prefix}clerk-reconcile'`);
}

interface Job {
  readonly jobname: string;
  readonly schedule: string;
  readonly command: string;
}

/** Whether the database has exactly the jobs and the function of these statements. */
export async function isScheduled(sql: Sql, statements: string): Promise<boolean> {
  const jobs = await sql<Job[]>`
    select jobname, schedule, command from cron.job where active and jobname like 'clerk-reconcile-%'
  `;
  const [called] = await sql<{ source: string }[]>`
    select prosrc as source from pg_catalog.pg_proc
    where oid = to_regprocedure('clerk_sync.call_reconcile(text)')
  `;
  const same = ({ jobname, schedule, command }: Job) =>
    statements.includes(`cron.schedule('${jobname}', '${schedule}', $$${command}$$)`);
  return called !== undefined && statements.includes(called.source) && jobs.every(same) &&
    jobs.length === statements.split("select cron.schedule(").length - 1;
}

/** Extensions that the schedule needs, by what it uses of them. */
const needed = [
  { extension: "pg_cron", uses: "cron.schedule" },
  { extension: "pg_net", uses: "net.http_post" },
  { extension: "supabase_vault", uses: "vault.create_secret" },
];

/** The extensions that the database lacks. */
export async function findMissingExtensions(sql: Sql): Promise<string[]> {
  const there = await sql<{ uses: string }[]>`
    select n.nspname || '.' || p.proname as uses from pg_catalog.pg_proc as p
    join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
    where n.nspname || '.' || p.proname in ${sql(needed.map(({ uses }) => uses))}
  `;
  const found = new Set(there.map(({ uses }) => uses));
  return needed.filter(({ uses }) => !found.has(uses)).map(({ extension }) => extension);
}
