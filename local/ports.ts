/** The stack's addresses on this machine. */
export type Ports = { api: number; database: number; console: number; clerk: number };

/** The ports in the Supabase CLI's order: API, database, console, Clerk. */
export function portsFrom(base: number): Ports {
  return { api: base, database: base + 1, console: base + 2, clerk: base + 3 };
}

/** Throws an error that names a port in use, what it is for, and how to choose another. */
export function requireFreePorts(ports: Ports, double = true): void {
  const { api, database, console, clerk } = ports;
  const uses: [number, string][] = [[api, "API"], [database, "database"], [console, "console"]];
  if (double) uses.push([clerk, "Clerk double"]);
  for (const [port, use] of uses) {
    if (isFree(port)) continue;
    throw new Error(
      `Port ${port}, for the ${use}, is in use by another program. Stop that program, or choose ` +
        `other ports with LOCAL_PORT_BASE (LOCAL_PORT_BASE=${api + 100} for ${api + 100} to ${
          api + 103
        })`,
    );
  }
}

/** A port that the system chose. It was free a moment ago. */
export function findFreePort(): number {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  return listener.addr.port;
}

function isFree(port: number): boolean {
  try {
    Deno.listen({ hostname: "127.0.0.1", port }).close();
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AddrInUse) return false;
    throw error;
  }
}
