import { sqlWords } from "./words.ts";

/** The tables that may live in another schema. The functions that the API calls are always in public. */
export const movableTables = [
  "users",
  "organizations",
  "organization_memberships",
  "clerk_deliveries",
  "clerk_sync_runs",
] as const;

/** Schemas of the platform, of PostgreSQL, or of this project's own objects that are not tables. */
const taken = new Set([
  ...["auth", "storage", "realtime", "extensions", "graphql", "graphql_public", "vault", "cron"],
  ...["net", "pgsodium", "supabase_functions", "supabase_migrations", "information_schema"],
  ...["clerk_auth", "clerk_sync"],
]);

/**
 * Checks the name of the tables' schema.
 *
 * @param setting where the name was given
 * @throws Error with what to do
 */
export function parseTableSchema(
  name: string | undefined,
  setting = "CLERK_SYNC_SCHEMA",
): string {
  const schema = name?.trim() || "public";
  const plain = /^[a-z][a-z0-9_]{0,62}$/.test(schema) && !sqlWords.has(schema);
  if (plain && !taken.has(schema) && !schema.startsWith("pg_")) return schema;
  throw new Error(
    `${setting} must be a schema of your own in lower case, such as clerk_data, not ${schema}`,
  );
}

const mention = new RegExp(`\\bpublic\\.(?=(?:${movableTables.join("|")})\\b)`, "g");

/** Rewrites SQL that names our tables in public to name them in another schema. */
export function placeTables(sql: string, schema: string): string {
  return sql.replace(mention, `${schema}.`);
}

/** SQL that must run before the first migration. */
export function prepareTableSchema(schema: string): string {
  if (schema === "public") return "";
  return `create schema if not exists ${schema};
grant usage on schema ${schema} to authenticated, service_role;

`;
}
