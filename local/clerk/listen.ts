import { refuseForeignHost } from "../loopback_host.ts";
import type { ClerkDouble } from "./double.ts";

/** This machine's name inside a container. Nobody can register a name under `.internal`. */
const fromContainers = ["host.docker.internal"];

/** Serves a double on 127.0.0.1. With `port` 0, the system chooses the port. */
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
