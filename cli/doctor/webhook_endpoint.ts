import { z } from "zod";
import { handledEvents } from "../handled_events.ts";
import { placeOf } from "../hosted/endpoints.ts";
import { failed, ok, type Outcome, warn, warnOnly } from "./check.ts";
import type { ClerkInstance } from "./clerk_api.ts";
import { openSvixPortal, type SvixPortal } from "./svix_portal.ts";

/** The endpoint in Svix that delivers to the function. */
export interface WebhookEndpoint {
  readonly portal: SvixPortal;
  readonly id: string;
}

const endpoints = z.object({
  data: z.array(z.object({
    id: z.string().regex(/^\w+$/),
    url: z.string(),
    disabled: z.boolean().nullish(),
    eventTypes: z.array(z.string()).nullish(),
    createdAt: z.string(),
  })),
});

type Endpoint = z.infer<typeof endpoints>["data"][number];

const where = "Clerk: Configure, Webhooks";
const byHand =
  `Look yourself, in ${where}: the endpoint's URL, its events and its failing attempts`;

/** Whether Svix has one enabled endpoint with the function's URL and the events that it handles. */
export async function checkWebhookEndpoint(
  { api, settings }: ClerkInstance,
  url: string,
): Promise<Outcome<WebhookEndpoint>> {
  const portal = await openSvixPortal(settings);
  if (portal === "no app") return failed("Clerk has no webhook endpoint", add(url));
  if (portal === "closed") return warnOnly("Svix' portal cannot be opened by a program", byHand);
  const listed = await portal.read("endpoint?limit=250", endpoints);
  if (!listed) return warnOnly("Svix does not list the endpoints", byHand);
  const same = listed.data.filter((endpoint) => placeOf(endpoint.url) === placeOf(url));
  const enabled = same.filter(({ disabled }) => !disabled);
  const [endpoint, another] = enabled;
  if (same.length === 0) return failMissing(listed.data, url, portal);
  if (endpoint === undefined) {
    return failed(
      "The webhook endpoint is disabled: nothing is delivered",
      `Enable it in ${where}. Svix disables one that has failed for 5 days. What was missed: deno task replay`,
    );
  }
  const value = { portal, id: endpoint.id };
  if (another !== undefined) {
    return warn(
      `${enabled.length} endpoints have the function's URL: each event arrives that often`,
      `Keep one of them and delete the rest in ${where}`,
      value,
    );
  }
  const missing = unticked(endpoint);
  const needed = missing.filter((type) => type.startsWith("user."));
  const others = missing.length - needed.length;
  if (needed.length > 0 || (others > 0 && await hasOrganizations(api))) {
    return failed(
      `The endpoint does not subscribe to ${missing.join(", ")}`,
      `Tick them in ${where}, your endpoint, Subscribed events. What was missed: deno task reconcile --repair`,
    );
  }
  return ok(
    others > 0
      ? "The endpoint is enabled. It has no events of organizations, and Clerk has none"
      : "The endpoint is enabled, and subscribes to every event that is handled",
    value,
  );
}

function failMissing(
  listed: readonly Endpoint[],
  url: string,
  portal: SvixPortal,
): Outcome<never> {
  if (!portal.local && ["127.0.0.1", "localhost"].includes(new URL(url).hostname)) {
    return warnOnly("Clerk cannot deliver to this machine: only a relay or tunnel can", byHand);
  }
  if (listed.length === 0) return failed("Clerk has no webhook endpoint", add(url));
  return failed("No webhook endpoint has the function's URL", add(url));
}

function add(url: string): string {
  return `Add an endpoint with the URL ${
    placeOf(url)
  } in ${where}, or correct the one that is meant`;
}

function unticked({ eventTypes }: Endpoint): string[] {
  return eventTypes ? handledEvents.filter((type) => !eventTypes.includes(type)) : [];
}

const total = z.object({ total_count: z.int() });

async function hasOrganizations(api: ClerkInstance["api"]): Promise<boolean> {
  const answer = await api.read("organizations", new URLSearchParams({ limit: "1" }));
  return answer.ok && (total.safeParse(answer.value).data?.total_count ?? 0) > 0;
}
