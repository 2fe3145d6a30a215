import { join } from "node:path";

// Variables that Deno itself needs. `runtime.ts` removes them, so functions never see them.
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

/** Names of the variables that are for Deno and not for functions. */
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

/** Variables that give Deno its cache, and access to a registry while the cache is empty. */
export function buildDenoEnvironment(): Record<string, string> {
  const directory = Deno.env.get("DENO_DIR") ?? defaultDirectory();
  return {
    // A proxy may have a certificate of its own, which older Denos trust only if told to.
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
