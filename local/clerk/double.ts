import { Hono } from "hono";
import { createControl } from "./control/room.ts";
import { createFaults } from "./faults/room.ts";
import { refuse } from "./http/answer.ts";
import { requireSecretKey } from "./http/authentication.ts";
import { clerkErrors } from "./http/errors.ts";
import type { InstanceKey } from "./keys/instance_key.ts";
import { createKeys } from "./keys/room.ts";
import { createOrganizations } from "./organizations/room.ts";
import { createSessions } from "./sessions/room.ts";
import { openStorage } from "./storage/database.ts";
import type { EndpointSettings } from "./svix/endpoint.ts";
import type { MessageLog } from "./svix/message_log.ts";
import { createSvix } from "./svix/room.ts";
import { createUsers } from "./users/room.ts";

/** How the double is set up. */
export interface ClerkDoubleOptions {
  /** The Backend API's bearer (`sk_test_…`). */
  readonly secretKey: string;
  /** Signs session tokens: `await generateInstanceKey()` or `await readInstanceKey(pem)`. */
  readonly key: InstanceKey;
  /** `ins_…`, as the events name it. */
  readonly instanceId: string;
  /** The `iss` of tokens; default: the origin that a request came to. */
  readonly issuer?: string | undefined;
  /** The `azp` of tokens; null leaves it out. Default `http://localhost:3000`. */
  readonly origin?: string | null | undefined;
  /** A file, or `:memory:` (default). */
  readonly database?: string | undefined;
  /** Where webhooks go at first; what is left out has Svix' defaults, and no endpoint. */
  readonly endpoint?: Partial<EndpointSettings> | undefined;
  /** Milliseconds that a delivery may take; Svix' 15 s by default. */
  readonly deliveryTimeLimit?: number | undefined;
  /** Milliseconds since the epoch. */
  readonly now?: (() => number) | undefined;
  /** Sends the webhooks. */
  readonly fetch?: typeof fetch | undefined;
}

/** A stand-in for Clerk's service. It does not listen by itself: give `fetch` to a server. */
export interface ClerkDouble {
  fetch(request: Request): Promise<Response>;
  /** The routes that it serves, as `METHOD /path/:parameter`. */
  readonly routes: readonly string[];
  endpoint(): EndpointSettings;
  /** Changes where and how webhooks are delivered; what is left out stays. */
  setEndpoint(settings: Partial<EndpointSettings>): EndpointSettings;
  /** What was and will be delivered. */
  readonly messages: Pick<MessageLog, "list" | "counts">;
  /** Resolves when nothing is on its way and nothing that may be sent is due. */
  settled(): Promise<void>;
  /** Stops deliveries and closes the database; what is undelivered stays pending. */
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

  const backendApi = new Hono();
  backendApi.use(requireSecretKey(secretKey));
  for (const { routes } of [users, organizations, sessions, keys]) backendApi.route("/", routes);
  const controls = [svix, sessions, users, faults, keys].map(({ control }) => control);

  const app = new Hono();
  app.route("/v1", backendApi);
  app.route("/.well-known", keys.discovery);
  app.route("/double", createControl(secretKey, controls));
  app.notFound(() => refuse(clerkErrors.urlNotFound()));

  deliveries.wake();
  return {
    fetch: async (request) => await faults.meet(request) ?? await app.fetch(request),
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
