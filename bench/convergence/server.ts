/** A server on loopback. */
export type RunningServer = { readonly url: string; stop(): Promise<void> };

export function createServer(handler: (request: Request) => Promise<Response>): RunningServer {
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, handler);
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    stop: () => server.shutdown(),
  };
}
