import type { InstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { serveLoopback } from "../support/loopback_server.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** Stands in front of the double, counts requests for the key set and answers them with its own keys. */
export interface KeyEndpoint extends AsyncDisposable {
  readonly url: string;
  /** The key set that it serves. */
  keys: readonly InstanceKey[];
  /** How often the key set was fetched. */
  fetches: number;
}

export function serveKeys(...keys: InstanceKey[]): KeyEndpoint {
  const server = serveLoopback(async (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname !== "/v1/jwks") {
      const url = new URL(pathname + search, runningStack().CLERK_API_URL);
      return await fetch(url, { headers: request.headers });
    }
    endpoint.fetches++;
    return Response.json({ keys: endpoint.keys.map(({ publicJwk }) => publicJwk) });
  });
  const endpoint: KeyEndpoint = { ...server, keys, fetches: 0 };
  return endpoint;
}
