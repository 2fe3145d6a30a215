// Does for a function what the edge runtime does on the platform: a function calls Deno.serve(handler)
// without a port, and has EdgeRuntime.waitUntil(). This module is imported before the function, by any
// Deno from 2.1, so it may use nothing newer.

import { denoVariables } from "./deno_environment.ts";

const serve = Deno.serve;
const proxyNames = ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"];

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
  // The process outlives every response here, so only a failure of the promise matters.
  value: { waitUntil: (promise: Promise<unknown>) => promise },
});

// Deno reads the proxy's variables once, at its first request. Make one now, which goes nowhere, so that
// requests to Clerk pass the proxy although the function does not see these variables.
if (proxyNames.some((name) => Deno.env.get(name))) {
  void fetch("http://127.0.0.1:65535/").catch(() => {});
}
for (const name of denoVariables) Deno.env.delete(name);
