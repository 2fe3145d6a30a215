import type { Sql } from "postgres";
import { askDatabase } from "../../local/migrations/ask_database.ts";
import { readInstalledSchema } from "../../local/migrations/installed_schema.ts";
import type { SupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { isScheduled, readScheduleSql } from "../hosted/schedule_sql.ts";
import { readVault } from "../hosted/vault.ts";
import { failed, ok, type Outcome, skipped, warn } from "./check.ts";
import type { Installation } from "./installation.ts";

/** pg_cron calls clerk-reconcile. */
export interface Schedule {
  /** With which it calls. Never shown. */
  readonly key: string;
}

const again = "Run deploy with --schedule, or docs/schedule.sql in the SQL editor";

/** Whether pg_cron has the jobs that reconcile, and calls this project. A project may do without. */
export async function checkSchedule(
  { url }: SupabaseSettings,
  environment: Environment,
  installation: Installation,
): Promise<Outcome<Schedule | undefined>> {
  const address = variable(environment, "DB_CONNECTION_STRING");
  if (address === undefined) {
    return skipped("DB_CONNECTION_STRING is not set, so the schedule was not looked at");
  }
  const found = await askDatabase(address, (sql) => look(sql, installation));
  if (found === undefined) return skipped("The database did not say what is scheduled");
  if (found === "nothing") return ok("pg_cron has no job for clerk-reconcile", undefined);
  const { url: called, key, asShipped } = found;
  if (called === undefined || key === undefined) {
    return failed("The vault lacks the address or the key with which pg_cron calls", again);
  }
  if (called.replace(/\/+$/, "") !== url) {
    return failed("pg_cron calls another project: clerk_reconcile_url is not SUPABASE_URL", again);
  }
  if (asShipped) return ok("pg_cron calls clerk-reconcile, with the jobs of schedule.sql", { key });
  return warn(
    "The jobs of clerk-reconcile are not those of schedule.sql: one is missing, switched off or changed",
    `${again}, unless you have changed them yourself`,
    { key },
  );
}

async function look(sql: Sql, { prefix }: Installation) {
  const [{ there } = { there: false }] = await sql`
    select to_regclass('cron.job') is not null as there
  `;
  if (there !== true) return "nothing";
  const jobs = await sql`select from cron.job where jobname like 'clerk-reconcile-%'`;
  if (jobs.length === 0) return "nothing";
  const schema = await readInstalledSchema(sql) ?? "public";
  const asShipped = await isScheduled(sql, await readScheduleSql({ schema, prefix }));
  return { ...await readVault(sql), asShipped };
}
