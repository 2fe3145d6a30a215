import { z } from "zod";
import type { SupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import type { ReachedDatabase } from "./database.ts";
import type { CallFunction } from "./data_api.ts";
import { failed, ok, type Outcome, warn } from "./check.ts";
import type { Installation } from "./installation.ts";
import { type History, readHistory } from "./migration_history.ts";
import { projectRefOf, projectRefOfDatabase } from "../hosted/project_ref.ts";
import { type SyncStatus, syncStatus } from "./sync_status.ts";

/** A database that has this project's functions. */
export interface MigratedDatabase {
  readonly call: CallFunction;
  readonly status: SyncStatus;
}

const apply =
  "Apply the migrations: npx supabase db push in your application, or deno task migrate";
const address =
  "Take the Session pooler's string from the Supabase dashboard (Connect), with the database's password in it";

/** Functions that commands call, each with parameters that change nothing. */
const probes = {
  measure_clerk_rows: { p_resource: "user" },
  compare_clerk_facts: { p_facts: [] },
  find_clerk_users: { p_clerk_ids: ["user_doctor"] },
};

/** Whether the database has every migration, as far as can be seen. */
export async function checkMigrations(
  { call, status }: ReachedDatabase,
  { url }: SupabaseSettings,
  environment: Environment,
  installation: Installation,
): Promise<Outcome<MigratedDatabase>> {
  const databaseUrl = variable(environment, "DB_CONNECTION_STRING");
  const [answers, history] = await Promise.all([
    Promise.all(
      Object.entries(probes).map(async ([name, parameters]) => ({
        name,
        there: "rows" in await call(name, parameters),
      })),
    ),
    databaseUrl === undefined ? undefined : readHistoryOf(databaseUrl, url, installation),
  ]);
  if (typeof history === "string") return failed(history, address);
  const parsed = syncStatus.safeParse(status);
  const absent = [
    ...(parsed.success ? [] : ["clerk_sync_status"]),
    ...answers.filter(({ there }) => !there).map(({ name }) => name),
  ];
  if (history && history.missing.length > 0) {
    return failed(`The database lacks ${describeVersions(history.missing)}`, apply);
  }
  if (absent.length > 0 || !parsed.success) {
    return failed(
      `The database does not have ${absent.map((name) => `${name}()`).join(", ")}`,
      apply,
    );
  }
  const value = { call, status: parsed.data };
  if (history === undefined) {
    return ok(
      "The database has the functions. DB_CONNECTION_STRING is not set, so the list of applied migrations was not read",
      value,
    );
  }
  if (history.ofApplication) {
    return warn(
      "The database was migrated from an application's folder, and this is another",
      "Give that folder, so that its files are compared: doctor FOLDER",
      value,
    );
  }
  if (history.changed.length > 0) {
    return warn(
      `The database has another text of ${describeVersions(history.changed)}`,
      "Look at what has changed in these files since they were applied, and bring it in with a new migration",
      value,
    );
  }
  return history.listed
    ? ok(`All ${installation.migrations.size} migrations are applied, as the files say`, value)
    : ok(
      "The database has the functions. It keeps no list of migrations that the Supabase CLI applied",
      value,
    );
}

/** Returns what is wrong with the address if the database cannot be asked. */
async function readHistoryOf(
  databaseUrl: string,
  url: string,
  installation: Installation,
): Promise<History | string> {
  const ref = projectRefOf(url);
  try {
    const named = projectRefOfDatabase(databaseUrl);
    if (ref !== undefined && named !== undefined && ref !== named) {
      return "DB_CONNECTION_STRING is of another project than SUPABASE_URL";
    }
  } catch (error) {
    // These messages never quote the address.
    return z.instanceof(Error).parse(error).message;
  }
  return await readHistory(databaseUrl, installation) ??
    "The database cannot be reached with DB_CONNECTION_STRING";
}

function describeVersions(versions: readonly string[]): string {
  const shown = versions.slice(0, 3).join(", ");
  const more = versions.length > 3 ? ` and ${versions.length - 3} more` : "";
  return `migration${versions.length === 1 ? "" : "s"} ${shown}${more}`;
}
