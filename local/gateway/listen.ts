import { refuseForeignHost } from "../loopback_host.ts";
import type { Startable } from "../supervisor/supervision.ts";
import type { Gateway } from "./gateway.ts";

/** A gateway that listens. */
export type ListeningGateway = { port: number; close(): Promise<void> };

/** How long open requests may take to finish when the gateway closes, in ms. */
const patience = 1000;

/** Listens on loopback. With `port` 0, the system chooses the port. */
export function listen(gateway: Gateway, port: number): ListeningGateway {
  const abort = new AbortController();
  let answering = 0;
  const server = Deno.serve({
    hostname: "127.0.0.1",
    port,
    signal: abort.signal,
    onListen: () => {},
  }, async (request, { remoteAddr }) => {
    // Any origin may call: pages of other origins are the usual callers of the functions and the Data
    // API. They bring a key or a token, which no page can get from here.
    const refusal = refuseForeignHost(request, server.addr.port);
    if (refusal !== undefined) return refusal;
    answering++;
    try {
      return await gateway.handle(request, remoteAddr);
    } finally {
      answering--;
    }
  });
  return {
    port: server.addr.port,
    close: async () => {
      // Not shutdown(), which would wait for ever for a client that keeps its connection open.
      const deadline = Date.now() + patience;
      while (answering > 0 && Date.now() < deadline) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
      abort.abort();
      await server.finished;
      gateway.close();
    },
  };
}

/** Listens from the start of the stack to its stop. */
export function listenWhileStarted(gateway: Gateway, port: number): Startable {
  let listening: ListeningGateway | undefined;
  return {
    start: () => {
      listening = listen(gateway, port);
      return Promise.resolve();
    },
    stop: async () => await listening?.close(),
  };
}
