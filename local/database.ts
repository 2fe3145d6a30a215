import { join } from "node:path";
import type { Binaries } from "./binaries/locate.ts";
import type { PublicJwk } from "./clerk/keys/instance_key.ts";
import type { Keys } from "./keys/keys.ts";
import { pushMigrations } from "./migrations/push.ts";
import { isUpToDate } from "./migrations/up_to_date.ts";
import { type ClusterChoice, prepareCluster } from "./postgres/cluster.ts";
import { locateServer } from "./postgres/location.ts";
import { ensureSupabaseRoles } from "./postgres/prepare.ts";
import { specifyServer } from "./postgres/server.ts";
import { specifyPostgrest } from "./postgrest/server.ts";
import { createPart, type Part } from "./supervisor/part.ts";
import type { Supervision } from "./supervisor/supervision.ts";

export type DatabaseOptions = {
  directory: string;
  project: string;
  binaries: Binaries;
  port: number;
  settings: Record<string, string>;
  automaticGrants: boolean;
  cluster: ClusterChoice;
  schema: string;
  keys: Keys;
  clerkJwks: readonly PublicJwk[];
  apiUrl: string;
};

/** PostgreSQL with the migrations applied, and PostgREST in front of it. */
export type Database = {
  postgres: Part;
  postgrest: Part;
  /** PostgREST's port, or undefined while it is down. */
  restPort(): number | undefined;
};

/** The database's address for a role. The default role and password are both `postgres`. */
export function databaseUrl(port: number, role = "postgres", password = "postgres"): string {
  return `postgresql://${role}:${password}@127.0.0.1:${port}/postgres`;
}

/** Starts PostgreSQL and applies the migrations. Starts PostgREST last, so that it reads the migrated schema. */
export async function startDatabase(
  options: DatabaseOptions,
  supervision: Supervision,
): Promise<Database> {
  const { directory, port, binaries, keys } = options;
  const location = await locateServer(directory, binaries.postgres);
  await prepareCluster(directory, location, options.cluster, keys.databaseAdminPassword);
  const postgres = await supervision.begin(createPart(
    specifyServer(location, port, options.settings),
    supervision.surroundings("postgres"),
  ));
  await ensureSupabaseRoles(
    (role, password) => databaseUrl(port, role, password),
    keys,
    options.automaticGrants,
  );
  await migrate(options);
  const specification = specifyPostgrest({
    file: binaries.postgrest,
    databaseUrl: databaseUrl(port, "authenticator", keys.authenticatorPassword),
    jwtSecret: keys.jwtSecret,
    clerkJwks: options.clerkJwks,
    publicUrl: `${options.apiUrl}/rest/v1`,
    schemas: [...new Set(["public", options.schema])],
  });
  const postgrest = await supervision.begin(
    createPart(specification, supervision.surroundings("postgrest")),
  );
  return {
    postgres,
    postgrest,
    restPort: () => postgrest.state === "ready" ? specification.port() : undefined,
  };
}

/** Applies the migrations that the database lacks. */
async function migrate(
  { directory, port, binaries, project, schema }: DatabaseOptions,
): Promise<void> {
  if (await isUpToDate(databaseUrl(port), project, schema)) return;
  const { success, output } = await pushMigrations({
    file: binaries.supabase,
    project,
    home: join(directory, "supabase_cli"),
    databaseUrl: databaseUrl(port),
    schema,
  });
  if (success) return;
  throw new Error(
    `The migrations could not be applied:\n${output}\n` +
      "If a migration was changed or removed after it was applied here, start over with: " +
      "deno task start --fresh",
  );
}
