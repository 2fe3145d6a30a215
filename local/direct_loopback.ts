const loopback = ["127.0.0.1", "localhost", "::1"];

/** The variables that send requests through a proxy. */
export const proxyVariables = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * Keeps this process' requests to this machine, and those of its children, from going through a proxy
 * that the environment names: they carry keys and tokens, and the proxy could not reach their target.
 */
export function keepLoopbackDirect(): void {
  const names = ["NO_PROXY", "no_proxy"];
  const given = names.flatMap((name) => (Deno.env.get(name) ?? "").split(","));
  const exempt = [...new Set([...given.map((host) => host.trim()), ...loopback])]
    .filter((host) => host !== "").join(",");
  // Programs read one or the other.
  for (const name of names) Deno.env.set(name, exempt);
}
