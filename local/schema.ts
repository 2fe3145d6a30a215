/** Writes supabase/schema.sql from the running stack's database: everything that the migrations make. */
import { join } from "node:path";
import postgres from "postgres";
import { reportFailure } from "./failure.ts";
import { describeSchema } from "./migrations/describe_schema.ts";
import { requireTablesInPublic } from "./migrations/installed_schema.ts";
import { checkout, readEnvironment } from "./options.ts";
import { createPrinter } from "./printer.ts";
import { readRunningValues } from "./running_values.ts";

const printer = createPrinter();
try {
  const { directory } = readEnvironment();
  const { DB_URL: databaseUrl } = await readRunningValues(directory);
  await requireTablesInPublic(databaseUrl);
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  try {
    const path = join("supabase", "schema.sql");
    await Deno.writeTextFile(join(checkout, path), await describeSchema(sql));
    printer.line(`Wrote ${path}`);
  } finally {
    await sql.end();
  }
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}
