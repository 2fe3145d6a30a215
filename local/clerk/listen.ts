import { refuseForeignHost } from "../loopback_host.ts";
import type { ClerkDouble } from "./double.ts";

/** The name of this machine inside a container. Nobody can own a name that ends so. */
const fromContainers = ["host.docker.internal"];

/** Serves a double on 127.0.0.1. `port` 0 leaves the choice to the system. */
export function listen(
  double: Pick<ClerkDouble, "fetch">,
  port: number,
  onListen: (port: number) => void = () => {},
): Deno.HttpServer<Deno.NetAddr> {
  const server: Deno.HttpServer<Deno.NetAddr> = Deno.serve(
    { hostname: "127.0.0.1", port, onListen: (address) => onListen(address.port) },
    (request) =>
      refuseForeignHost(request, server.addr.port, fromContainers) ?? double.fetch(request),
  );
  return server;
}
