/** This machine's own names, which no foreign web page can have. */
const ownNames = ["127.0.0.1", "localhost", "[::1]"];

/**
 * Returns a refusal if a request's `Host` is not this machine, else undefined.
 *
 * A web page can reach a loopback server by pointing its own name at 127.0.0.1 (DNS rebinding). The
 * browser then sees page and answer as one origin, and only `Host` gives the page away.
 *
 * @param port The server's port.
 * @param more Further allowed names.
 */
export function refuseForeignHost(
  request: Request,
  port: number,
  more: readonly string[] = [],
): Response | undefined {
  const host = request.headers.get("host")?.toLowerCase();
  if ([...ownNames, ...more].some((name) => host === `${name}:${port}`)) return undefined;
  const message = `This server answers only to 127.0.0.1:${port} and localhost:${port}. ` +
    "A tunnel must send one of them as Host";
  return Response.json({ message }, { status: 403 });
}

/** Whether an address is of a server on this machine. */
export function isLoopback(address: string): boolean {
  return ownNames.includes(URL.parse(address)?.hostname ?? "");
}
