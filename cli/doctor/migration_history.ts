import type { Sql } from "postgres";
import { z } from "zod";
import { askDatabase } from "../../local/migrations/ask_database.ts";
import { readInstalledSchema } from "../../local/migrations/installed_schema.ts";
import { ourMigrations } from "../../local/migrations/ours.ts";
import { endingOf, placeTablesOf } from "../install/migrations.ts";
import type { Installation } from "./installation.ts";

/** How the list of applied migrations differs from the files. */
export interface History {
  /** Whether the Supabase CLI has kept a list. */
  readonly listed: boolean;
  /** Whether it has the migrations of an application, and none of these. */
  readonly ofApplication?: true;
  /** Versions that are not applied. */
  readonly missing: readonly string[];
  /** Versions whose text was another when they were applied. */
  readonly changed: readonly string[];
}

const applied = z.array(z.object({ version: z.string(), text: z.string().nullable() }));

/** Compares the list with the files. Undefined if the database cannot be asked. */
export async function readHistory(
  databaseUrl: string,
  { migrations, asShipped }: Installation,
): Promise<History | undefined> {
  return await askDatabase(databaseUrl, async (sql) => {
    const [{ listed } = { listed: false }] = await sql`
      select to_regclass('supabase_migrations.schema_migrations') is not null as listed
    `;
    if (listed !== true) return { listed: false, missing: [], changed: [] };
    const texts = new Map(
      applied.parse([
        ...await sql`
          select version, array_to_string(statements, '') as text
          from supabase_migrations.schema_migrations where version = any(${[...migrations.keys()]})
        `,
      ]).map(({ version, text }) => [version, text]),
    );
    if (texts.size === 0 && await hasInstallation(sql)) {
      return { listed: true, ofApplication: true, missing: [], changed: [] };
    }
    // Applied in another way, for example in the dashboard's SQL editor.
    if (texts.size === 0) return { listed: false, missing: [], changed: [] };
    const schema = await readInstalledSchema(sql) ?? "public";
    const expected = asShipped ? placeTablesOf(migrations, schema) : migrations;
    return {
      listed: true,
      missing: [...expected.keys()].filter((version) => !texts.has(version)),
      changed: [...expected].filter(([version, text]) => {
        const was = texts.get(version);
        return typeof was === "string" && essence(was) !== essence(text);
      }).map(([version]) => version),
    };
  });
}

/** Whether the list has what install named, under any version. */
async function hasInstallation(sql: Sql): Promise<boolean> {
  const names = ourMigrations.map((name) => endingOf(name).replace(/^_|\.sql$/g, ""));
  // Old versions of the Supabase CLI keep no names.
  const [{ has } = { has: false }] = await sql`
    select exists (
      select from supabase_migrations.schema_migrations as m
      where to_jsonb(m) ->> 'name' = any(${names})
    ) as has
  `;
  return has === true;
}

/** The CLI keeps statements without the semicolons and line breaks between them. */
function essence(text: string): string {
  return text.replaceAll(/[\s;]+/g, "");
}
