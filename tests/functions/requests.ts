/** A request with this Authorization header, or with none. */
export function bearing(authorization?: string, init: RequestInit = {}): Request {
  const headers = new Headers(init.headers);
  if (authorization !== undefined) headers.set("authorization", authorization);
  return new Request("http://localhost/function", { method: "POST", ...init, headers });
}
