import { type DatabaseCommand, runOnDatabase } from "../supabase_cli.ts";
import { askDatabase } from "./ask_database.ts";
import { hasTables, readInstalledSchema } from "./installed_schema.ts";
import { placeProject } from "./project.ts";
import { findRefusal } from "./refusal.ts";
import { describeOpenMetadata, isMetadataReserved } from "./server_metadata.ts";
import { describeLostRights, readHiddenColumns, readTableRights } from "./table_rights.ts";

/** The outcome of `supabase db push`; `output` never holds a password. */
export type PushOutcome = {
  success: boolean;
  output: string;
  /** True if the database had all migrations already. */
  upToDate?: boolean;
  /** True if the push failed because the database's migration history is not this project's. */
  foreignHistory?: true;
};

/** `schema` is the tables' schema, default public. With `dryRun`, the CLI only lists what it would apply. */
export type Push = Omit<DatabaseCommand, "args"> & { schema?: string; dryRun?: boolean };

/** Applies the migrations that a database lacks, with the real Supabase CLI. */
export async function pushMigrations(
  { schema = "public", dryRun = false, ...push }: Push,
): Promise<PushOutcome> {
  const { installed, inUse, rights = [], reserved = false } =
    await askDatabase(push.databaseUrl, async (sql) => ({
      installed: await readInstalledSchema(sql),
      inUse: await hasTables(sql, schema),
      rights: await readTableRights(sql, schema),
      reserved: await isMetadataReserved(sql, schema),
    })) ?? {};
  if (installed !== undefined && installed !== schema) {
    return {
      success: false,
      output: `The tables are already in schema ${installed}, not in ${schema}. ` +
        `Set CLERK_SYNC_SCHEMA=${installed}`,
    };
  }
  const takesOver = installed === undefined && inUse === true;
  if (takesOver && schema !== "public") {
    return {
      success: false,
      output: `Schema ${schema} already has other tables. ` +
        "Set CLERK_SYNC_SCHEMA to an unused name, such as clerk_data",
    };
  }
  const { success, stdout, stderr, unknownVersions } = await runOnDatabase({
    ...push,
    project: await placeProject(push.project, schema, push.home),
    // Allows out-of-order migrations: an applied migration of the application may be newer than one of
    // this project.
    args: ["db", "push", "--include-all", ...(dryRun ? ["--dry-run"] : [])],
  });
  const output = `${stderr}${stdout}`.trim();
  if (unknownVersions > 0) return { success, output: stderr, foreignHistory: true };
  if (!success) return { success, output: findRefusal(output) ?? output };
  const upToDate = output.endsWith("is up to date.");
  if (dryRun || upToDate || rights.length === 0 && !takesOver) return { success, output, upToDate };
  // The migrations warn of these, but the CLI does not pass warnings on.
  const warnings = await askDatabase(push.databaseUrl, async (sql) => [
    ...describeLostRights(rights, await readTableRights(sql, schema)),
    ...(takesOver ? await readHiddenColumns(sql, schema) : []),
    ...(takesOver && reserved ? [describeOpenMetadata(schema)] : []),
  ]) ?? [];
  return { success, output: [output, ...warnings].join("\n") };
}
