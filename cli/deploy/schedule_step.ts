import { randomBytes } from "node:crypto";
import type { Sql } from "postgres";
import { readReconcileKey } from "../../supabase/functions/_shared/settings/reconcile.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
import { askProjectDatabase } from "../hosted/project_database.ts";
import { digestOf } from "../hosted/supabase.ts";
import { keepInVault, readVault, vaultNames } from "../hosted/vault.ts";
import type { Deployment } from "./deployment.ts";
import { findMissingExtensions, isScheduled, readScheduleSql } from "../hosted/schedule_sql.ts";
import type { Step } from "./step.ts";

const name = "CLERK_RECONCILE_KEY";

/** pg_cron calls clerk-reconcile, with the address and the key that the vault has. */
export function scheduleStep(deployment: Deployment): Step {
  const { supabase, environment, access } = deployment;

  async function isSo(sql: Sql): Promise<Outcome<boolean>> {
    const missing = await findMissingExtensions(sql);
    if (missing.length > 0) {
      return fail(
        `The database lacks ${missing.join(" and ")}`,
        `Switch it on at https://supabase.com/dashboard/project/${access.ref}/database/extensions, and run it again`,
      );
    }
    const secrets = await supabase.secrets();
    if (!secrets.ok) return secrets;
    const { url, key } = await readVault(sql);
    const known = key !== undefined && secrets.value.get(name) === digestOf(key);
    return succeed(
      known && url === access.url && await isScheduled(sql, await readScheduleSql(deployment)),
    );
  }

  /** The vault first: if the rest fails, the next run takes the key from there. */
  async function schedule(sql: Sql): Promise<Outcome<string>> {
    const { key: present } = await readVault(sql);
    const key = readReconcileKey({ [name]: present }).ok && present
      ? present
      : randomBytes(32).toString("hex");
    await keepInVault(sql, vaultNames.url, access.url);
    if (key !== present) await keepInVault(sql, vaultNames.key, key);
    const set = await supabase.setSecrets({ [name]: key });
    if (!set.ok) return set;
    await sql.unsafe(await readScheduleSql(deployment));
    return succeed("every 10 minutes what has changed, every night everything");
  }

  return {
    name: "schedule",
    async check() {
      const so = await askProjectDatabase(environment, isSo);
      if (!so.ok) return so;
      return succeed(
        so.value ? { done: true } : { done: false, todo: `sets ${name}, and schedules 4 jobs` },
      );
    },
    apply: () => askProjectDatabase(environment, schedule),
  };
}
