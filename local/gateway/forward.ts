// These headers concern one connection only and are never forwarded (RFC 9110, 7.6.1).
const hopByHop = [
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "transfer-encoding",
  "upgrade",
];

/** The sender of a request, for the `x-forwarded-*` headers. */
export type Client = { hostname: string };

/** Copies a request's headers for the next hop. */
export function forwardedHeaders(request: Request, url: URL, client: Client): Headers {
  const headers = new Headers(request.headers);
  for (const name of hopByHop) headers.delete(name);
  headers.delete("host");
  headers.append("x-forwarded-for", client.hostname);
  headers.set("x-forwarded-host", request.headers.get("host") ?? url.host);
  headers.set("x-forwarded-port", url.port);
  headers.set("x-forwarded-proto", "http");
  // Compression between two local processes only costs time: fetch would undo it.
  headers.set("accept-encoding", "identity");
  return headers;
}

/**
 * Forwards a request without reading its body, and returns the answer as it comes. Only a function's own
 * compression is undone, as an edge network may do.
 */
export async function forward(
  request: Request,
  target: string,
  headers: Headers,
  client: Deno.HttpClient,
): Promise<Response> {
  const send = () =>
    fetch(target, {
      method: request.method,
      headers,
      body: request.body,
      redirect: "manual",
      client,
    });
  const response = await send().catch((error) => {
    // PostgREST closes some idle connections without notice. Repeat requests that only read.
    if (request.method !== "GET" && request.method !== "HEAD") throw error;
    return send();
  });
  if (!hopByHop.some((name) => response.headers.has(name))) return response;
  const kept = new Headers(response.headers);
  for (const name of hopByHop) kept.delete(name);
  return new Response(response.body, {
    status: response.status,
    statusText: response.statusText,
    headers: kept,
  });
}
