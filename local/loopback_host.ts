/** What this machine calls itself. Browsers resolve no other name for these. */
const ownNames = ["127.0.0.1", "localhost", "[::1]"];

/**
 * The refusal of a request that came under a foreign name, or undefined where it may go on.
 *
 * A web page reaches what listens on loopback by letting its own name point there (DNS rebinding);
 * to the browser page and answer are then of one origin, and only `Host` still tells.
 *
 * @param port Where the server listens.
 * @param more Further names that may be used.
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
