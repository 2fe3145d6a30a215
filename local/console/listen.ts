import { refuseForeignHost } from "../loopback_host.ts";
import type { Startable } from "../supervisor/supervision.ts";
import type { Console, ConsoleStack } from "./console.ts";
import { keepFirst } from "./keep_first.ts";

/** Serves the console on loopback. Nothing of it is loaded before the first request. */
export function listenForConsole(stack: ConsoleStack, port: number): Startable {
  const abort = new AbortController();
  let server: Deno.HttpServer | undefined;
  let opened: Promise<Console> | undefined;

  const open = keepFirst(async () => {
    const { createConsole } = await import("./console.ts");
    return await createConsole(stack);
  });

  return {
    start() {
      server = Deno.serve(
        { hostname: "127.0.0.1", port, signal: abort.signal, onListen: () => {} },
        async (request) => {
          const refusal = refuseForeignHost(request, port);
          if (refusal !== undefined) return refusal;
          opened = open();
          return (await opened).handle(request);
        },
      );
      return Promise.resolve();
    },
    async stop() {
      abort.abort();
      await server?.finished;
      await (await opened?.catch(() => undefined))?.close();
    },
  };
}
