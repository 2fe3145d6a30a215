export type Answer = (request: Request) => Response | Promise<Response>;

export interface LoopbackServer extends AsyncDisposable {
  readonly url: string;
  readonly port: number;
  /** All requests so far. */
  readonly requests: readonly ReceivedRequest[];
}

export interface ReceivedRequest {
  readonly method: string;
  readonly path: string;
  /** With the question mark, or empty. */
  readonly query: string;
  readonly headers: Headers;
}

/** Serves only this machine, and answers every request with `answer`. */
export function serveLoopback(answer: Answer): LoopbackServer {
  const requests: ReceivedRequest[] = [];
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, async (request) => {
    const { method, url, headers } = request;
    const { pathname: path, search: query } = new URL(url);
    requests.push({ method, path, query, headers: new Headers(headers) });
    // Read in any case: an unread body would break the connection.
    const body = await request.arrayBuffer();
    return await answer(
      new Request(url, { method, headers, ...(body.byteLength > 0 ? { body } : {}) }),
    );
  });
  const { port } = server.addr;
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

/** An address at which nothing listens: its port was free a moment ago. */
export function deadAddress(): string {
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${listener.addr.port}`;
  listener.close();
  return url;
}
