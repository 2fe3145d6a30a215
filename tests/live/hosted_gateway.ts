import { createCredentials } from "../../local/gateway/api_keys.ts";
import type { PublicJwk } from "../../local/clerk/keys/instance_key.ts";
import {
  type ScratchPostgrest,
  startScratchPostgrest,
} from "../support/database/scratch_postgrest.ts";
import { denoOf } from "../support/deploy/binaries.ts";
import {
  type DeployedFunction,
  edgeRuntime,
  startDeployed,
} from "../support/deploy/deployed_function.ts";
import type { ManagementApi } from "../support/deploy/management_api.ts";
import { type LoopbackServer, serveLoopback } from "../support/loopback_server.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** The project's own address: the Data API, and the functions that were uploaded. */
export interface HostedGateway extends LoopbackServer {
  /**
   * Starts an uploaded function with the secrets that are set now, beside those that run already, as the
   * platform does. Each gets requests in turn.
   */
  boot(slug: string): Promise<void>;
}

interface Parts {
  readonly management: ManagementApi;
  /** The database's name. */
  readonly database: string;
  readonly clerkUrl: string;
  readonly clerkJwk: PublicJwk;
}

/** A function starts at its first request, and so does the Data API. */
export function startHostedGateway(
  { management, database, clerkUrl, clerkJwk }: Parts,
): HostedGateway {
  const running = new Map<string, DeployedFunction[]>();
  const starting = new Map<string, Promise<void>>();
  const { ANON_KEY, SERVICE_ROLE_KEY, PUBLISHABLE_KEY, SECRET_KEY } = runningStack();
  const credentials = createCredentials({
    anonKey: ANON_KEY,
    serviceRoleKey: SERVICE_ROLE_KEY,
    publishableKey: PUBLISHABLE_KEY,
    secretKey: SECRET_KEY,
  });
  let postgrest: Promise<ScratchPostgrest> | undefined;
  let turn = 0;

  async function boot(slug: string) {
    const upload = management.uploads.findLast((one) => one.slug === slug);
    if (!upload) throw new Error(`${slug} was not uploaded`);
    const started = await startDeployed(upload, await denoOf(edgeRuntime), {
      CLERK_WEBHOOK_SECRET: null,
      CLERK_RECONCILE_KEY: null,
      ...Object.fromEntries(management.secrets),
      SUPABASE_URL: server.url,
      CLERK_API_URL: clerkUrl,
    });
    running.set(slug, [...running.get(slug) ?? [], started]);
  }

  async function callFunction(request: Request, slug: string): Promise<Response> {
    if (!management.uploads.some((one) => one.slug === slug)) {
      return new Response("Not there yet", { status: 404 });
    }
    if (!running.has(slug)) {
      if (!starting.has(slug)) starting.set(slug, boot(slug));
      await starting.get(slug);
    }
    const instances = running.get(slug) ?? [];
    const url = instances[turn++ % instances.length]?.url;
    if (url === undefined) throw new Error(`${slug} does not run`);
    return await forward(url, request, request.headers);
  }

  async function callDataApi(request: Request, path: string): Promise<Response> {
    const { headers } = request;
    const found = credentials(headers.get("apikey"), headers.get("authorization"));
    if (typeof found === "string") return Response.json({ message: found }, { status: 401 });
    postgrest ??= startScratchPostgrest(database, clerkJwk);
    const { url } = await postgrest;
    const passed = new Headers(headers);
    passed.set("authorization", found.authorization);
    return await forward(`${url}${path}`, request, passed);
  }

  const server = serveLoopback(async (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/rest/v1/")) {
      return await callDataApi(request, `${pathname}${search}`);
    }
    return await callFunction(request, pathname.replace("/functions/v1/", ""));
  });

  return {
    ...server,
    boot,
    async [Symbol.asyncDispose]() {
      for (const one of [...running.values()].flat()) await one[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
      await (await postgrest)?.[Symbol.asyncDispose]();
    },
  };
}

async function forward(url: string, { method, body }: Request, headers: Headers) {
  const answer = await fetch(url, { method, headers, body });
  const empty = [204, 304].includes(answer.status);
  const passed = new Headers(answer.headers);
  // The body is unpacked by now.
  passed.delete("content-encoding");
  return new Response(empty ? null : await answer.arrayBuffer(), {
    status: answer.status,
    headers: passed,
  });
}
