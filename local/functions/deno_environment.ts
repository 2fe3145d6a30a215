import { join } from "node:path";

// What Deno needs for itself, which functions never see: `runtime.ts` takes it away again.
const passedOn = [
  "XDG_CACHE_HOME",
  "DENO_CERT",
  "DENO_TLS_CA_STORE",
  "NODE_EXTRA_CA_CERTS",
  "SSL_CERT_FILE",
  "SSL_CERT_DIR",
  "NPM_CONFIG_REGISTRY",
  "HTTP_PROXY",
  "HTTPS_PROXY",
  "NO_PROXY",
  "http_proxy",
  "https_proxy",
  "no_proxy",
];

/** Names of the variables that are Deno's and not the function's. */
export const denoVariables: readonly string[] = [
  ...passedOn,
  "ALL_PROXY",
  "all_proxy",
  "DENO_DIR",
  "DENO_NO_UPDATE_CHECK",
  "NO_COLOR",
  // Deno sets these two by itself.
  "PATH",
  "DENO_NODE_SHIM_ACTIVE",
];

/** Deno's cache, and the way to a registry where that cache is still empty. */
export function buildDenoEnvironment(): Record<string, string> {
  const directory = Deno.env.get("DENO_DIR") ?? defaultDirectory();
  return {
    // Behind a proxy with a certificate of its own, older Denos trust it only where they are told to.
    DENO_TLS_CA_STORE: "system,mozilla",
    ...(directory === undefined ? {} : { DENO_DIR: directory }),
    ...Object.fromEntries(passedOn.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    })),
    NO_COLOR: "1",
    DENO_NO_UPDATE_CHECK: "1",
  };
}

function defaultDirectory(): string | undefined {
  const cache = Deno.env.get("XDG_CACHE_HOME");
  const home = Deno.env.get("HOME");
  if (cache !== undefined && cache !== "") return join(cache, "deno");
  if (home === undefined || home === "") return undefined;
  return join(home, ...(Deno.build.os === "darwin" ? ["Library", "Caches"] : [".cache"]), "deno");
}
