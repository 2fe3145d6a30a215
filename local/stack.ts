import { join } from "node:path";
import { binariesDirectory } from "./binaries/directory.ts";
import { locateBinaries, locateDeno } from "./binaries/locate.ts";
import { usualPostgres } from "./binaries/postgres.ts";
import { specifyClerkServer } from "./clerk_server.ts";
import { describeDouble } from "./clerk_source.ts";
import { listenForConsole } from "./console/listen.ts";
import { databaseUrl, startDatabase } from "./database.ts";
import { keepLoopbackDirect } from "./direct_loopback.ts";
import { buildFunctionEnvironment } from "./functions/environment.ts";
import { createFunctions } from "./functions/functions.ts";
import { createSecretsReader } from "./functions/secrets_file.ts";
import { createGateway } from "./gateway/gateway.ts";
import { listenWhileStarted } from "./gateway/listen.ts";
import { recordHome } from "./home.ts";
import { type Keys, loadKeys } from "./keys/keys.ts";
import { checkout, type StackOptions } from "./options.ts";
import { claimData } from "./own_instance/data_owner.ts";
import { readOwnInstance } from "./own_instance/source.ts";
import { requireOwnFolder } from "./owner.ts";
import { type Ports, portsFrom, requireFreePorts } from "./ports.ts";
import { databaseMark } from "./postgres/cluster.ts";
import { findStrays, removeServer } from "./postgres/location.ts";
import { removeAll } from "./presence.ts";
import { createPart, type Part } from "./supervisor/part.ts";
import { supervise, type Supervision } from "./supervisor/supervision.ts";
import { requireUsablePaths } from "./unusable_path.ts";
import { type StackValues, valuesFile } from "./values.ts";

/** The whole system, running on this machine. */
export type RunningStack = {
  readonly values: StackValues;
  /** The database's address for its superuser. Never print it: it has the password. */
  readonly adminUrl: string;
  /** Folder of the stack's data, keys and logs. */
  readonly directory: string;
  /** The tables' schema. */
  readonly schema: string;
  readonly postgres: Part;
  readonly postgrest: Part;
  /** PostgREST's port, or undefined while it is down. It changes when PostgREST restarts. */
  restPort(): number | undefined;
  /** The Clerk double; undefined if the developer's own instance is used. */
  readonly clerk: Part | undefined;
  /** By name. */
  readonly functions: ReadonlyMap<string, Part>;
  /** Resolves when a part that the stack needs stays down. */
  readonly failed: Promise<Error>;
  /** Ends every part, the last one first. Nothing is left running. */
  stop(): Promise<void>;
};

/**
 * Starts the whole system: PostgreSQL with the migrations applied, PostgREST, the functions, the
 * Clerk double, and the gateway and the console in this process. With `ownClerk` there is no double.
 *
 * @throws Error that says what to do. Everything is stopped by then.
 */
export async function startStack(options: StackOptions = {}): Promise<RunningStack> {
  const directory = options.directory ?? join(checkout, ".local");
  const { print = () => {}, echo = () => {}, signal } = options;
  keepLoopbackDirect();
  await requireOwnFolder(directory);
  const supervision = await supervise({ directory, print, echo, signal });
  try {
    return await assemble(options, directory, supervision);
  } catch (error) {
    // People need the first failure. A second one often only follows from it.
    await supervision.stop().catch((after) => print(`Could not stop cleanly: ${after.message}`));
    throw error;
  }
}

async function assemble(
  options: StackOptions,
  directory: string,
  supervision: Supervision,
): Promise<RunningStack> {
  const { print = () => {}, project = checkout, signal, functionsDeno } = options;
  const major = options.postgresMajor ?? usualPostgres;
  const ports = portsFrom(options.portBase ?? 54_321);
  requireFreePorts(ports, !options.ownClerk);
  await recordHome(directory);
  const binaries = await binariesDirectory(checkout, directory);
  requireUsablePaths(directory, binaries);
  // Before anything is removed: this may fail.
  const own = options.ownClerk ? await readOwnInstance(project) : undefined;
  if (options.fresh) await removeData(directory);
  await claimData(directory, own?.values.CLERK_INSTANCE_ID);
  for (const place of await findStrays()) {
    print(
      `No stack's folder links to the database in ${place} any more. Remove it if you do not need it`,
    );
  }
  const keys = await loadKeys(directory, options.fresh);
  const apiUrl = `http://127.0.0.1:${ports.api}`;
  const source = own ?? await describeDouble(keys, `http://127.0.0.1:${ports.clerk}`);
  const secrets = options.readSecretsFile || own
    ? createSecretsReader(project, print, own?.environment)
    : () => Promise.resolve({});
  const install = { directory: binaries, print, signal };

  const settled = await Promise.allSettled([
    locateBinaries(install, major).then((binaries) =>
      startDatabase({
        directory,
        project,
        binaries,
        port: ports.database,
        settings: options.databaseSettings ?? {},
        cluster: { major, icuLocale: options.databaseLocale },
        automaticGrants: options.automaticGrants ?? false,
        schema: options.schema ?? "public",
        keys,
        clerkJwks: source.jwks,
        apiUrl,
      }, supervision)
    ),
    locateDeno(functionsDeno, install).then((file) =>
      supervision.begin(createFunctions(
        {
          deno: { version: functionsDeno ?? Deno.version.deno, file },
          project,
          bundles: options.functionsBundles,
          directory: join(directory, "functions"),
          environment: () =>
            buildFunctionEnvironment({
              apiUrl,
              clerk: source,
              keys,
              databaseUrl: databaseUrl(ports.database),
              secrets,
              overrides: options.functionEnvironment ?? {},
            }),
        },
        supervision.surroundings,
        { watch: options.watch ?? false, onDemand: options.functionsOnDemand ?? false, print },
      ))
    ),
  ]);
  const [database, functions] = settled;
  if (database.status === "rejected") throw database.reason;
  if (functions.status === "rejected") throw functions.reason;

  const gateway = createGateway({
    keys,
    findFunction: functions.value.port,
    restPort: database.value.restPort,
  });
  await supervision.begin(listenWhileStarted(gateway, ports.api));
  // Last, because it at once sends the webhooks that an earlier stop left undelivered.
  const clerk = own ? undefined : await startDouble(options, directory, ports, keys, supervision);

  const values: StackValues = {
    API_URL: apiUrl,
    DB_URL: databaseUrl(ports.database),
    CONSOLE_URL: `http://127.0.0.1:${ports.console}`,
    ANON_KEY: keys.anonKey,
    SERVICE_ROLE_KEY: keys.serviceRoleKey,
    PUBLISHABLE_KEY: keys.publishableKey,
    SECRET_KEY: keys.secretKey,
    JWT_SECRET: keys.jwtSecret,
    CLERK_RECONCILE_KEY: keys.clerkReconcileKey,
    ...source.values,
  };
  const schema = options.schema ?? "public";
  const { postgres, postgrest, restPort } = database.value;
  await supervision.begin(
    listenForConsole({ values, schema, postgres, postgrest, clerk }, ports.console),
  );
  const file = valuesFile(directory);
  await supervision.begin({ start: () => file.write(values), stop: file.remove });
  return {
    values,
    adminUrl: databaseUrl(ports.database, "supabase_admin", keys.databaseAdminPassword),
    directory,
    schema,
    postgres,
    postgrest,
    restPort,
    clerk,
    functions: functions.value.parts,
    failed: supervision.failed,
    stop: supervision.stop,
  };
}

async function startDouble(
  { webhookRetrySchedule: retrySchedule }: StackOptions,
  directory: string,
  { api, clerk: port }: Ports,
  keys: Keys,
  supervision: Supervision,
): Promise<Part> {
  const folder = join(directory, "clerk");
  await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
  const database = join(folder, "clerk.sqlite");
  const webhookUrl = `http://127.0.0.1:${api}/functions/v1/clerk-webhook`;
  return await supervision.begin(createPart(
    specifyClerkServer({ port, database, keys, webhookUrl, retrySchedule }),
    supervision.surroundings("clerk"),
  ));
}

async function removeData(directory: string) {
  await removeServer(directory);
  await removeAll(databaseMark(directory));
  await removeAll(join(directory, "clerk"));
}
