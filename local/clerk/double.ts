import { Hono } from "hono";
import { createControl } from "./control/room.ts";
import { createFaults } from "./faults/room.ts";
import { createFrontend } from "./frontend/room.ts";
import { refuse } from "./http/answer.ts";
import { requireSecretKey } from "./http/authentication.ts";
import { clerkErrors } from "./http/errors.ts";
import { createInstance } from "./instance/room.ts";
import type { InstanceKey } from "./keys/instance_key.ts";
import { createKeys } from "./keys/room.ts";
import { createOrganizations } from "./organizations/room.ts";
import { createSessions } from "./sessions/room.ts";
import { openStorage } from "./storage/database.ts";
import type { EndpointSettings } from "./svix/endpoint.ts";
import type { MessageLog } from "./svix/message_log.ts";
import { createSvix } from "./svix/room.ts";
import { createUsers } from "./users/room.ts";

export interface ClerkDoubleOptions {
  /** The Backend API's bearer (`sk_test_…`). */
  readonly secretKey: string;
  /** Signs session tokens: `await generateInstanceKey()` or `await readInstanceKey(pem)`. */
  readonly key: InstanceKey;
  /** `ins_…`, as the events name it. */
  readonly instanceId: string;
  /** The tokens' `iss`. Default: the origin that the request was sent to. */
  readonly issuer?: string | undefined;
  /** The tokens' `azp`; null leaves it out. Default `http://localhost:3000`. */
  readonly origin?: string | null | undefined;
  /** A file, or `:memory:` (default). */
  readonly database?: string | undefined;
  /** Where webhooks go at first. Default: no endpoint, and Svix' own settings. */
  readonly endpoint?: Partial<EndpointSettings> | undefined;
  /** Milliseconds that a delivery may take. Default: Svix' 15 s. */
  readonly deliveryTimeLimit?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** Sends the webhooks. */
  readonly fetch?: typeof fetch | undefined;
}

/** A stand-in for Clerk's service. It does not listen: give `fetch` to a server. */
export interface ClerkDouble {
  fetch(request: Request): Promise<Response>;
  /** The double's routes, as `METHOD /path/:parameter`. */
  readonly routes: readonly string[];
  endpoint(): EndpointSettings;
  /** Changes where and how webhooks are delivered. Settings that you leave out stay. */
  setEndpoint(settings: Partial<EndpointSettings>): EndpointSettings;
  /** The messages that were or will be delivered. */
  readonly messages: Pick<MessageLog, "list" | "counts">;
  /** Resolves when no delivery is under way, and none is due that may be sent. */
  settled(): Promise<void>;
  /** Stops deliveries and closes the database. Undelivered messages stay pending. */
  close(): Promise<void>;
}

export function createClerkDouble(options: ClerkDoubleOptions): ClerkDouble {
  const { secretKey, instanceId, origin = "http://localhost:3000", now = Date.now } = options;
  const issuerOf = (url: string) => options.issuer ?? new URL(url).origin;
  const storage = openStorage(options.database ?? ":memory:");
  const context = { storage, instanceId, issuerOf, now };

  const faults = createFaults();
  const keys = createKeys({ ...context, key: options.key });
  const svix = createSvix({
    ...context,
    settings: options.endpoint,
    timeLimit: options.deliveryTimeLimit,
    fetch: options.fetch,
  });
  const { emit, endpoint, deliveries } = svix;
  const users = createUsers({ ...context, emit });
  const organizations = createOrganizations({ ...context, svix, users });
  const sessions = createSessions({ ...context, emit, users, organizations, keys, origin });
  const frontend = createFrontend({ ...context, users, organizations, sessions, keys });

  const backendApi = new Hono();
  backendApi.use(requireSecretKey(secretKey));
  const { routes: instanceRoutes } = createInstance(context);
  backendApi.route("/", instanceRoutes);
  backendApi.route("/", svix.api.appRoutes);
  for (const { routes } of [users, organizations, sessions, keys]) backendApi.route("/", routes);
  const controls = [svix, sessions, users, faults, keys].map(({ control }) => control);

  const app = new Hono();
  app.route("/v1", backendApi);
  app.route("/__clerk/v1", frontend);
  app.route("/api/v1", svix.api.routes);
  app.route("/.well-known", keys.discovery);
  app.route("/double", createControl(secretKey, controls));
  app.notFound(() => refuse(clerkErrors.urlNotFound()));

  deliveries.wake();
  return {
    fetch: (request) => faults.meet(request, async (met) => await app.fetch(met)),
    routes: app.routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path}`),
    endpoint: endpoint.current,
    setEndpoint(settings) {
      const changed = endpoint.change(settings);
      deliveries.wake();
      return changed;
    },
    messages: svix.messageLog,
    settled: deliveries.settled,
    async close() {
      faults.end();
      await deliveries.close();
      storage.close();
    },
  };
}
