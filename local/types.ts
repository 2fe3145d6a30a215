/** Generates database.types.ts from the running stack's database, with the Supabase CLI. */
import { join } from "node:path";
import { binariesDirectory } from "./binaries/directory.ts";
import { locateSupabaseCli } from "./binaries/locate.ts";
import { reportFailure } from "./failure.ts";
import { requireTablesInPublic } from "./migrations/installed_schema.ts";
import { checkout, readEnvironment } from "./options.ts";
import { createPrinter } from "./printer.ts";
import { readRunningValues } from "./running_values.ts";
import { runOnDatabase } from "./supabase_cli.ts";

const printer = createPrinter();
try {
  const { directory } = readEnvironment();
  const { DB_URL: databaseUrl } = await readRunningValues(directory);
  await requireTablesInPublic(databaseUrl);
  const supabase = await locateSupabaseCli({
    directory: await binariesDirectory(checkout, directory),
    print: (line) => printer.line(line),
  });
  const { success, stdout, stderr } = await runOnDatabase({
    file: supabase,
    home: join(directory, "supabase_cli"),
    project: checkout,
    databaseUrl,
    args: ["gen", "types", "--schema", "public"],
  });
  if (!success) throw new Error(stderr);
  const path = join("supabase", "functions", "_shared", "database", "database.types.ts");
  await Deno.writeTextFile(join(checkout, path), stdout);
  printer.line(`Wrote ${path}`);
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}
