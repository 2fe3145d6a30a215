/** A complete HTTP request, as it goes over the wire. The body has only ASCII. */
export function httpText(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body = "",
): string {
  const all = {
    host: "127.0.0.1",
    accept: "*/*",
    ...headers,
    ...(body === "" ? {} : { "content-length": String(body.length) }),
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`).join("");
  return `${method} ${path} HTTP/1.1\r\n${lines}\r\n${body}`;
}
