import { ApiException } from "svix";
import { explainStatus, unreachable, unreadable } from "./ask.ts";
import { fail, type Failed, type Outcome, succeed } from "./outcome.ts";
import type { SvixApp } from "./portal.ts";

/** The endpoint that this project needs. */
export interface WantedEndpoint {
  /** Its stable name. */
  readonly uid: string;
  readonly url: string;
}

/** An endpoint as Svix shows it. */
export type FoundEndpoint = Awaited<ReturnType<SvixApp["svix"]["endpoint"]["get"]>>;

/** What may be changed of an endpoint. */
export type EndpointChange = Parameters<SvixApp["svix"]["endpoint"]["patch"]>[2];

const refused = "Run it again. Each run gets a token of its own";

/** Calls Svix. What its client throws becomes a problem. */
export async function callSvix<T>(call: () => Promise<T>): Promise<Outcome<T>> {
  try {
    return succeed(await call());
  } catch (error) {
    return explain(error);
  }
}

function explain(error: unknown): Failed {
  if (error instanceof ApiException) {
    return explainStatus({ name: "Svix", refused }, error.code, error.headers["retry-after"]);
  }
  // The answer was no JSON, or lacks what the client reads.
  if (error instanceof SyntaxError || error instanceof RangeError) return unreadable("Svix");
  return unreachable("Svix", error);
}

/** All endpoints of the app. */
export function listEndpoints({ svix, appId }: SvixApp): Promise<Outcome<FoundEndpoint[]>> {
  return callSvix(async () => {
    const found: FoundEndpoint[] = [];
    let iterator: string | null | undefined;
    do {
      const page = await svix.endpoint.list(appId, { limit: 100, iterator });
      found.push(...page.data);
      iterator = page.done ? undefined : page.iterator;
    } while (iterator);
    return found;
  });
}

/** The endpoint with our name, else one that leads to the same place, which was made by hand. */
export function findEndpoint(
  endpoints: readonly FoundEndpoint[],
  { uid, url }: WantedEndpoint,
): FoundEndpoint | undefined {
  return endpoints.find((endpoint) => endpoint.uid === uid) ??
    endpoints.find((endpoint) => placeOf(endpoint.url) === placeOf(url));
}

/** An address without the query, which only says where the function runs. */
export function placeOf(address: string): string {
  const url = URL.parse(address);
  return url ? `${url.origin}${url.pathname.replace(/\/+$/, "")}` : address;
}

/** Finds the endpoint. */
export async function requireEndpoint(
  app: SvixApp,
  wanted: WantedEndpoint,
): Promise<Outcome<FoundEndpoint>> {
  const listed = await listEndpoints(app);
  if (!listed.ok) return listed;
  const found = findEndpoint(listed.value, wanted);
  return found ? succeed(found) : fail("The webhook has no endpoint in Clerk", "Run deploy first");
}
