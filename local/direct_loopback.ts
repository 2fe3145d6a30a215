const loopback = ["127.0.0.1", "localhost", "::1"];

/** The variables that send requests through a proxy. */
export const proxyVariables = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

/**
 * Lets this process and its children reach this machine directly, even if the environment names a
 * proxy. These requests carry keys and tokens, and the proxy could not reach their target.
 */
export function keepLoopbackDirect(): void {
  const names = ["NO_PROXY", "no_proxy"];
  const given = names.flatMap((name) => (Deno.env.get(name) ?? "").split(","));
  const exempt = [...new Set([...given.map((host) => host.trim()), ...loopback])]
    .filter((host) => host !== "").join(",");
  // Some programs read the one name, some the other.
  for (const name of names) Deno.env.set(name, exempt);
}
