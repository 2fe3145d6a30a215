import { join } from "node:path";
import { askDouble } from "../../local/clerk/control/client.ts";
import { type ClerkDouble, createClerkDouble } from "../../local/clerk/double.ts";
import { generateInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { listen } from "../../local/clerk/listen.ts";
import { runCli } from "../support/application/cli.ts";
import { createRepository } from "../support/application/repository.ts";
import type { Sql } from "../support/database/connections.ts";
import { createScratchDatabases } from "../support/database/scratch_databases.ts";
import { type ManagementApi, startManagementApi } from "../support/deploy/management_api.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { type HostedGateway, startHostedGateway } from "./hosted_gateway.ts";

export const ref = "abcdefghijklmnopqrst";

/** Secrets that no output may show. */
export const canaries = {
  accessToken: `sbp_${"c0ffee".repeat(6)}beef`,
  secretKey: `sk_test_${"canary0".repeat(5)}`,
} as const;

/** Empty accounts at Supabase and Clerk, and an application that this project was installed into. */
export interface HostedProject extends AsyncDisposable {
  /** The application's folder. */
  readonly folder: string;
  readonly management: ManagementApi;
  readonly clerk: ClerkDouble;
  readonly clerkUrl: string;
  /** The project's own address, with the functions that were booted. */
  readonly gateway: HostedGateway;
  /** The project's database. */
  readonly sql: Sql;
  /** What an operator has in the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /** Starts the uploaded webhook with the secrets that are set now, beside those that run already. */
  boot(): Promise<void>;
  /** Replaces the faults of Clerk and Svix. */
  clerkFaults(faults: readonly unknown[]): Promise<void>;
  /** Asks the double's control API. */
  control(method: string, path: string, body: unknown): Promise<void>;
}

/**
 * Runs with empty accounts and an empty database.
 *
 * @param setup SQL that makes what the database has before
 */
export async function withEmptyProject(
  use: (hosted: HostedProject) => Promise<void>,
  setup = "",
) {
  await using databases = await createScratchDatabases();
  await using database = await databases.make(setup);
  const url = new URL(runningStack().DB_URL);
  url.pathname = `/${database.name}`;
  await using hosted = await startHostedProject(url.href, database.sql);
  await use(hosted);
}

/** The application to copy. Its folder lives as long as the test run's others. */
let original: Promise<string> | undefined;

async function install(): Promise<string> {
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-installed-" });
  await Deno.mkdir(join(folder, "supabase"));
  await Deno.writeTextFile(join(folder, "supabase/config.toml"), 'project_id = "app"\n');
  await createRepository(folder);
  const installed = await runCli("install", folder, []);
  if (installed.code !== 0) throw new Error(installed.errors);
  return folder;
}

async function copyFolder(from: string, to: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("cp", { args: ["-a", `${from}/.`, to] })
    .output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
}

/** @param database address of the project's database */
async function startHostedProject(database: string, sql: Sql): Promise<HostedProject> {
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-live-" });
  await copyFolder(await (original ??= install()), folder);

  const management = startManagementApi({ ref, accessToken: canaries.accessToken });
  const { SERVICE_ROLE_KEY, PUBLISHABLE_KEY, SECRET_KEY } = runningStack();
  management.apiKeys.push(
    { name: "service_role", type: "legacy", api_key: SERVICE_ROLE_KEY },
    { name: "default", type: "publishable", api_key: PUBLISHABLE_KEY },
    { name: "default", type: "secret", api_key: SECRET_KEY },
  );
  const key = await generateInstanceKey();
  const clerk = createClerkDouble({
    secretKey: canaries.secretKey,
    key,
    instanceId: "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
    endpoint: { retry_schedule_ms: Array(40).fill(50) },
  });
  const clerkServer = listen(clerk, 0);
  const clerkUrl = `http://127.0.0.1:${clerkServer.addr.port}`;
  const gateway = startHostedGateway({
    management,
    database: new URL(database).pathname.slice(1),
    clerkUrl,
    clerkJwk: key.publicJwk,
  });

  async function control(method: string, path: string, body: unknown) {
    const address = { CLERK_API_URL: clerkUrl, CLERK_SECRET_KEY: canaries.secretKey };
    const answer = await askDouble(address, method, path, body);
    if (!answer.ok) throw new Error(await answer.text());
    await answer.body?.cancel();
  }

  return {
    folder,
    management,
    clerk,
    clerkUrl,
    gateway,
    sql,
    environment: {
      SUPABASE_ACCESS_TOKEN: canaries.accessToken,
      SUPABASE_API_URL: management.url,
      SUPABASE_URL: gateway.url,
      CLERK_SECRET_KEY: canaries.secretKey,
      CLERK_API_URL: clerkUrl,
      DB_CONNECTION_STRING: database,
    },
    clerkFaults: (faults) => control("PUT", "faults", { faults }),
    control,
    boot: () => gateway.boot("clerk-webhook"),
    async [Symbol.asyncDispose]() {
      await clerk.close();
      await clerkServer.shutdown();
      await gateway[Symbol.asyncDispose]();
      await management[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
