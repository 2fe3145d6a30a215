import { answers } from "./answers.ts";
import { type ApiKeys, createCredentials } from "./api_keys.ts";
import { type Client, forward, forwardedHeaders } from "./forward.ts";

export type GatewayDependencies = {
  keys: ApiKeys;
  /**
   * Returns undefined for an unknown function. The returned call waits for the function to answer and
   * gives its port, or undefined if it does not start.
   */
  findFunction(name: string): (() => Promise<number | undefined>) | undefined;
  /** PostgREST's port, or undefined while it is down. */
  restPort(): number | undefined;
};

/** A request handler that serves `/functions/v1/*` and `/rest/v1/*` as Supabase's gateway does. */
export type Gateway = {
  handle(request: Request, client: Client): Promise<Response>;
  close(): void;
};

/** Methods that fetch() does not send, so they cannot be forwarded. */
const forbidden = ["CONNECT", "TRACE", "TRACK"];

/** Creates the gateway. It neither reads nor changes a body. */
export function createGateway(dependencies: GatewayDependencies): Gateway {
  const credentials = createCredentials(dependencies.keys);
  // PostgREST closes idle connections after 30 s. A request on one at that moment would fail.
  const connections = Deno.createHttpClient({ http2: false, poolIdleTimeout: 10_000 });

  async function handleFunction(request: Request, url: URL, client: Client, name: string) {
    const portOf = dependencies.findFunction(name);
    if (portOf === undefined) return answers.functionNotFound();
    const port = await portOf();
    if (port === undefined) return answers.bootError();
    const path = url.pathname.slice("/functions/v1".length);
    const target = `http://127.0.0.1:${port}${path}${url.search}`;
    const headers = forwardedHeaders(request, url, client);
    return await forward(request, target, headers, connections)
      .catch(() => answers.workerError());
  }

  async function handleRest(request: Request, url: URL, client: Client) {
    const headers = forwardedHeaders(request, url, client);
    if (request.method !== "OPTIONS") {
      const allowed = credentials(
        headers.get("apikey") ?? url.searchParams.get("apikey"),
        headers.get("authorization"),
      );
      if (allowed === "missing") return answers.noApiKey();
      if (allowed === "wrong") return answers.wrongApiKey();
      headers.set("apikey", allowed.apiKey);
      headers.set("authorization", allowed.authorization);
    }
    const port = dependencies.restPort();
    if (port === undefined) return answers.restDown();
    // PostgREST would take `apikey` for a filter. The rest of the query stays as it is.
    const search = url.search.replace(/(?<=[?&])apikey=[^&]*(&|$)/, "").replace(/[?&]$/, "");
    const target = `http://127.0.0.1:${port}${url.pathname.slice("/rest/v1".length)}${search}`;
    return await forward(request, target, headers, connections).catch(() => answers.restFailed());
  }

  return {
    handle: async (request, client) => {
      if (forbidden.includes(request.method)) return answers.methodNotAllowed();
      const url = new URL(request.url);
      const name = /^\/functions\/v1\/([^/]+)/.exec(url.pathname)?.[1];
      if (name !== undefined) return await handleFunction(request, url, client, name);
      if (url.pathname.startsWith("/rest/v1/")) return await handleRest(request, url, client);
      return answers.noRoute();
    },
    close: () => connections.close(),
  };
}
