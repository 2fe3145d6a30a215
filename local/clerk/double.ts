import { Hono } from "hono";
import { requireSecretKey } from "./http/authentication.ts";
import { createControlRoutes } from "./control/room.ts";
import { clerkErrors } from "./http/errors.ts";
import { createEvents } from "./svix/events.ts";
import { createFaults } from "./faults/fault.ts";
import { answerFailure } from "./http/answer.ts";
import { createDiscoveryRoutes } from "./keys/discovery.ts";
import type { InstanceKey } from "./keys/instance_key.ts";
import { createMembershipListing } from "./organizations/membership_listing.ts";
import { createMembershipRoutes } from "./organizations/membership_routes.ts";
import { createMembershipStore } from "./organizations/membership_store.ts";
import { createMemberships } from "./organizations/membership_service.ts";
import { createOrganizationViews } from "./organizations/view.ts";
import { createOrganizationListing } from "./organizations/listing.ts";
import { createOrganizationRoutes } from "./organizations/routes.ts";
import { createOrganizationStore } from "./organizations/store.ts";
import { createOrganizations } from "./organizations/service.ts";
import { createRawUsers } from "./users/dictated.ts";
import { createSessionRoutes } from "./sessions/routes.ts";
import { createSessionStore } from "./sessions/store.ts";
import { createSessions } from "./sessions/service.ts";
import { createSigningKeys } from "./keys/rotation.ts";
import { openStorage } from "./storage/database.ts";
import { createDeliveries } from "./svix/deliveries.ts";
import { createEndpoint, type EndpointSettings } from "./svix/endpoint.ts";
import { createMessageLog, type MessageLog } from "./svix/message_log.ts";
import { createOutbox } from "./svix/outbox.ts";
import { createUserListing } from "./users/listing.ts";
import { createUserRoutes } from "./users/routes.ts";
import { createUserStore } from "./users/store.ts";
import { createUsers } from "./users/service.ts";

const SVIX_TIMEOUT_MS = 15_000;

/** How the double is set up. */
export interface ClerkDoubleOptions {
  /** The Backend API's bearer (`sk_test_…`). */
  secretKey: string;
  /** Signs session tokens: `await generateInstanceKey()` or `await readInstanceKey(pem)`. */
  key: InstanceKey;
  /** `ins_…`, as the events name it. */
  instanceId: string;
  /** The `iss` of tokens; default: the origin that a request came to. */
  issuer?: string;
  /** The `azp` of tokens; null leaves it out. Default `http://localhost:3000`. */
  origin?: string | null;
  /** A file, or `:memory:` (default). */
  database?: string;
  /** Where webhooks go at first; what is left out has Svix' defaults, and no endpoint. */
  endpoint?: Partial<EndpointSettings>;
  /** How long a delivery may take, in milliseconds; Svix' 15 s by default. */
  deliveryTimeoutMs?: number;
  /** Milliseconds since the Unix epoch. */
  now?: () => number;
  /** Sends the webhooks. */
  fetch?: typeof fetch;
}

/** A stand-in for Clerk's service. It does not listen by itself: give `fetch` to a server. */
export interface ClerkDouble {
  fetch: (request: Request) => Promise<Response>;
  /** The routes it serves, as `METHOD /path/:parameter`. */
  routes: readonly string[];
  endpoint(): EndpointSettings;
  /** Changes where and how webhooks are delivered; what is left out stays. */
  setEndpoint(settings: Partial<EndpointSettings>): EndpointSettings;
  /** What was and will be delivered. */
  messages: Pick<MessageLog, "list" | "counts">;
  /** Resolves when nothing is on its way and nothing that may be sent is due. */
  settled(): Promise<void>;
  /** Stops deliveries and closes the database; what is undelivered stays pending. */
  close(): Promise<void>;
}

/** Puts the double together. */
export function createClerkDouble(options: ClerkDoubleOptions): ClerkDouble {
  const { secretKey, instanceId, origin = "http://localhost:3000", now = Date.now } = options;
  const issuerOf = (url: string) => options.issuer ?? new URL(url).origin;
  const keys = createSigningKeys(options.key, now);
  const faults = createFaults();
  const storage = openStorage(options.database ?? ":memory:");
  const endpoint = createEndpoint(options.endpoint ?? {});
  const deliveries = createDeliveries({
    storage,
    endpoint,
    now,
    timeoutMs: options.deliveryTimeoutMs ?? SVIX_TIMEOUT_MS,
    fetch: options.fetch ?? fetch,
  });
  const outbox = createOutbox({ storage, endpoint, now, wake: deliveries.wake });
  const events = createEvents({ outbox, instanceId, now });
  const log = createMessageLog(storage, now);
  const store = createUserStore(storage);
  const rawUsers = createRawUsers(storage);
  const sessionStore = createSessionStore(storage);
  const organizationStore = createOrganizationStore(storage);
  const membershipStore = createMembershipStore(storage);
  const views = createOrganizationViews({
    organizations: organizationStore,
    memberships: membershipStore,
    users: store,
    instanceId,
  });
  const memberships = createMemberships({
    storage,
    organizations: organizationStore,
    memberships: membershipStore,
    users: store,
    sessions: sessionStore,
    views,
    events,
    endpoint,
    now,
  });
  const organizations = createOrganizations({
    storage,
    organizations: organizationStore,
    membershipStore,
    memberships,
    users: store,
    views,
    events,
    now,
  });
  const users = createUsers({
    storage,
    users: store,
    sessions: sessionStore,
    membershipStore,
    memberships,
    events,
    instanceId,
    now,
  });
  const sessions = createSessions({
    storage,
    users,
    sessions: sessionStore,
    organizations: organizationStore,
    memberships: membershipStore,
    events,
    instanceId,
    now,
  });

  const backendApi = new Hono();
  backendApi.use(requireSecretKey(secretKey));
  backendApi.get("/jwks", () => Response.json({ keys: keys.published() }));
  backendApi.route(
    "/users",
    createUserRoutes({ users, rawUsers, listing: createUserListing(storage), instanceId }),
  );
  backendApi.route(
    "/organizations",
    createOrganizationRoutes({
      organizations,
      listOrganizations: createOrganizationListing(storage),
      views,
    }),
  );
  backendApi.route(
    "/",
    createMembershipRoutes({
      memberships,
      organizations,
      users,
      listing: createMembershipListing(storage),
      views,
    }),
  );
  backendApi.route(
    "/sessions",
    createSessionRoutes({
      sessions,
      keys,
      origin,
      issuerOf,
      now,
    }),
  );

  const app = new Hono();
  app.route("/v1", backendApi);
  app.route("/.well-known", createDiscoveryRoutes(keys.published, issuerOf));
  app.route(
    "/double",
    createControlRoutes({
      secretKey,
      storage,
      endpoint,
      deliveries,
      outbox,
      log,
      sessions,
      users: store,
      rawUsers,
      keys,
      faults,
      instanceId,
      issuerOf,
      now,
    }),
  );
  app.notFound((context) => answerFailure(context, clerkErrors.urlNotFound()));

  deliveries.wake();
  return {
    fetch: async (request) => await faults.meet(request) ?? await app.fetch(request),
    routes: app.routes.filter(({ method }) => method !== "ALL").map(({ method, path }) =>
      `${method} ${path}`
    ),
    endpoint: endpoint.current,
    setEndpoint(settings) {
      const changed = endpoint.change(settings);
      deliveries.wake();
      return changed;
    },
    messages: log,
    settled: deliveries.settled,
    async close() {
      faults.set([]);
      await deliveries.close();
      storage.close();
    },
  };
}
