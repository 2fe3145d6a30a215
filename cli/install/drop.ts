import { placeTables } from "../../local/migrations/schema.ts";
import type { Manifest } from "./manifest.ts";
import { versionOf } from "./series.ts";

/** The SQL that drops what the migrations made, and forgets that they ran. */
export async function describeDrop({ schema, migrations }: Manifest): Promise<string> {
  const text = await Deno.readTextFile(new URL("drop_all.sql", import.meta.url));
  const versions = Object.values(migrations).map((path) => versionOf(path.replace(/^.*\//, "")));
  return `${placeTables(text, schema)}${
    schema === "public" ? "" : `drop schema if exists ${schema};\n`
  }
delete from supabase_migrations.schema_migrations
where version in (${versions.map((version) => `'${version}'`).join(", ")});

commit;
`;
}
