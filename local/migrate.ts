/** Applies the migrations with the Supabase CLI. */
import { join } from "node:path";
import { parseArgs } from "node:util";
import { binariesDirectory } from "./binaries/directory.ts";
import { locateSupabaseCli } from "./binaries/locate.ts";
import { reportFailure } from "./failure.ts";
import { pushMigrations } from "./migrations/push.ts";
import { checkout, readEnvironment } from "./options.ts";
import { requireOwnFolder } from "./owner.ts";
import { createPrinter } from "./printer.ts";
import { readRunningValues } from "./running_values.ts";

const usage = `deno task migrate

Applies supabase/migrations with the Supabase CLI to the database that DB_CONNECTION_STRING names, or
to the local stack that runs in LOCAL_DIR (default .local). CLERK_SYNC_SCHEMA=NAME puts the tables into
that schema instead of public.`;

const install = "An application migrates this database. Put these migrations among its own, or " +
  "upgrade them there, with: npx -y deno@2.9.6 task install ../my-app. " +
  "Its own `supabase db push` then applies them";
const startOver = "Start over with: deno task start --fresh";

const printer = createPrinter();
try {
  const { values: flags } = parseArgs({
    options: { help: { type: "boolean", short: "h", default: false } },
  });
  if (flags.help) {
    printer.line(usage);
    Deno.exit(0);
  }
  const { directory, schema } = readEnvironment();
  await requireOwnFolder(directory);
  const given = Deno.env.get("DB_CONNECTION_STRING") || undefined;
  const databaseUrl = given ?? await localDatabaseUrl(directory);
  const supabase = await locateSupabaseCli({
    directory: await binariesDirectory(checkout, directory),
    print: (line) => printer.line(line),
  });
  const { success, output, foreignHistory } = await pushMigrations({
    file: supabase,
    project: checkout,
    home: join(directory, "supabase_cli"),
    databaseUrl,
    schema,
  });
  if (foreignHistory) throw new Error(`${output}. ${given === undefined ? startOver : install}`);
  if (!success) throw new Error(output);
  printer.line(output);
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}

async function localDatabaseUrl(directory: string): Promise<string> {
  try {
    return (await readRunningValues(directory)).DB_URL;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `DB_CONNECTION_STRING is not set. ${reason}, or set DB_CONNECTION_STRING to the database's address ` +
        "(in the dashboard: Connect)",
    );
  }
}
