// What stands between Deno and a function, as the edge runtime does on the platform: functions call
// Deno.serve(handler) with no port, and find EdgeRuntime.waitUntil(). Imported before the function,
// under every Deno from 2.1, so nothing newer may be used here.

import { denoVariables } from "./deno_environment.ts";

const serve = Deno.serve;

function listenOnLoopback(...args: unknown[]): unknown {
  const handler = args.find((argument) => typeof argument === "function");
  const options = args.find((argument) => typeof argument === "object") ?? {};
  return Reflect.apply(serve, Deno, [{
    handler,
    ...options,
    hostname: "127.0.0.1",
    port: 0,
    onListen: ({ port }: Deno.NetAddr) => {
      const line = `listening on http://127.0.0.1:${port}\n`;
      Deno.stdout.writeSync(new TextEncoder().encode(line));
    },
  }]);
}

Object.defineProperty(Deno, "serve", { value: listenOnLoopback });
Object.defineProperty(globalThis, "EdgeRuntime", {
  // Here the process outlives every response; the promise only needs its failure heard.
  value: { waitUntil: (promise: Promise<unknown>) => promise },
});

for (const name of denoVariables) Deno.env.delete(name);
