/**
 * The caller's `x-request-id` if it is a plain identifier, so that one id follows a request through
 * several services. Otherwise a new UUID.
 */
export function requestIdOf(request: Request): string {
  const given = request.headers.get("x-request-id");
  return given !== null && /^[\w.-]{8,128}$/.test(given) ? given : crypto.randomUUID();
}
