import { join } from "node:path";
import { askDouble } from "../../local/clerk/control/client.ts";
import { type ClerkDouble, createClerkDouble } from "../../local/clerk/double.ts";
import { generateInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { listen } from "../../local/clerk/listen.ts";
import { runCli } from "../support/application/cli.ts";
import { createRepository } from "../support/application/repository.ts";
import { createScratchDatabases } from "../support/database/scratch_databases.ts";
import { denoOf } from "../support/deploy/binaries.ts";
import { type DeployedFunction, startDeployed } from "../support/deploy/deployed_function.ts";
import { type ManagementApi, startManagementApi } from "../support/deploy/management_api.ts";
import { type LoopbackServer, serveLoopback } from "../support/loopback_server.ts";
import { runningStack } from "../support/stack/running_stack.ts";

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
  readonly gateway: LoopbackServer;
  /** What an operator has in the environment. */
  readonly environment: Readonly<Record<string, string>>;
  /**
   * Starts the uploaded webhook with the secrets that are set now, beside those that run already, as the
   * platform does. Each gets deliveries in turn.
   */
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
  await using hosted = await startHostedProject(url.href);
  await use(hosted);
}

/** @param database address of the project's database */
async function startHostedProject(database: string): Promise<HostedProject> {
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-live-" });
  await Deno.mkdir(join(folder, "supabase"));
  await Deno.writeTextFile(join(folder, "supabase/config.toml"), 'project_id = "app"\n');
  await createRepository(folder);
  const installed = await runCli("install", folder, []);
  if (installed.code !== 0) throw new Error(installed.errors);

  const management = startManagementApi({ ref, accessToken: canaries.accessToken });
  const clerk = createClerkDouble({
    secretKey: canaries.secretKey,
    key: await generateInstanceKey(),
    instanceId: "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S",
    endpoint: { retry_schedule_ms: Array(40).fill(50) },
  });
  const clerkServer = listen(clerk, 0);
  const clerkUrl = `http://127.0.0.1:${clerkServer.addr.port}`;
  const running: DeployedFunction[] = [];
  let turn = 0;
  const gateway = serveLoopback(async (request) => {
    const url = running[turn++ % running.length]?.url;
    if (url === undefined) return new Response("Not there yet", { status: 503 });
    const { method, headers, body } = request;
    const answer = await fetch(url, { method, headers, body });
    return new Response(await answer.text(), { status: answer.status });
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
    async boot() {
      const upload = management.uploads.findLast(({ slug }) => slug === "clerk-webhook");
      if (!upload) throw new Error("The webhook was not uploaded");
      const secrets = Object.fromEntries(management.secrets);
      running.push(await startDeployed(upload, await denoOf(Deno.version.deno), secrets));
    },
    async [Symbol.asyncDispose]() {
      await clerk.close();
      await clerkServer.shutdown();
      for (const one of running) await one[Symbol.asyncDispose]();
      await gateway[Symbol.asyncDispose]();
      await management[Symbol.asyncDispose]();
      await Deno.remove(folder, { recursive: true });
    },
  };
}
