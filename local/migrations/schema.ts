import { sqlWords } from "./words.ts";

/** The tables that may live in another schema. The functions that the API calls are in public always. */
export const movableTables = [
  "users",
  "organizations",
  "organization_memberships",
  "clerk_deliveries",
] as const;

/** Schemas that are the platform's, PostgreSQL's, or this project's own for what is not a table. */
const taken = new Set([
  ...["auth", "storage", "realtime", "extensions", "graphql", "graphql_public", "vault", "cron"],
  ...["net", "pgsodium", "supabase_functions", "supabase_migrations", "information_schema"],
  ...["clerk_auth", "clerk_sync"],
]);

/**
 * The name of the schema for the tables, as CLERK_SYNC_SCHEMA gives it.
 *
 * @throws Error with the way on
 */
export function parseTableSchema(name: string | undefined): string {
  const schema = name?.trim() || "public";
  const plain = /^[a-z][a-z0-9_]{0,62}$/.test(schema) && !sqlWords.has(schema);
  if (plain && !taken.has(schema) && !schema.startsWith("pg_")) return schema;
  throw new Error(
    `CLERK_SYNC_SCHEMA must be a schema of your own in lower case, such as clerk_data, not ${schema}`,
  );
}

const mention = new RegExp(`\\bpublic\\.(?=(?:${movableTables.join("|")})\\b)`, "g");

/** SQL that names the tables in public, with the tables in another schema instead. */
export function placeTables(sql: string, schema: string): string {
  return sql.replace(mention, `${schema}.`);
}

/** What has to be there before the first migration. */
export function prepareTableSchema(schema: string): string {
  if (schema === "public") return "";
  return `create schema if not exists ${schema};
grant usage on schema ${schema} to authenticated, service_role;

`;
}
