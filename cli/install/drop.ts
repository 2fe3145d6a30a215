import { placeTables } from "../../local/migrations/schema.ts";
import type { Manifest } from "./manifest.ts";
import { versionOf } from "./series.ts";

/**
 * The SQL that drops what the migrations made, and forgets that they ran.
 *
 * @param paths where the migrations are, and where they were when they may have run
 * @param left versions of the migrations that stay: supabase db push would apply them again
 */
export async function describeDrop(
  { schema }: Manifest,
  paths: readonly string[],
  left: readonly string[],
): Promise<string> {
  const text = await Deno.readTextFile(new URL("drop_all.sql", import.meta.url));
  const all = new Set(paths.map((path) => versionOf(path.replace(/^.*\//, ""))));
  const versions = [...all].filter((version) => version === undefined || !left.includes(version));
  const forget = `
delete from supabase_migrations.schema_migrations
where version in (${versions.map((version) => `'${version}'`).join(", ")});
`;
  return `${placeTables(text, schema)}${
    schema === "public" ? "" : `drop schema if exists ${schema};\n`
  }${versions.length === 0 ? "" : forget}
commit;
`;
}
