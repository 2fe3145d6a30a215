import { corsHeaders } from "@supabase/supabase-js/cors";

/** Headers that let browsers read an answer from any origin: the token protects, not the origin. */
export const browserHeaders: Readonly<Record<string, string>> = {
  ...corsHeaders,
  "Access-Control-Expose-Headers": "x-request-id, retry-after",
  "Access-Control-Max-Age": "7200",
};

/** Characters and names that a preflight may ask for at most. */
const longestList = 2048;
const mostNames = 64;

/** The name of a header or method (RFC 9110, 5.6.2). */
const token = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The headers of an answer to OPTIONS. Allows the request headers that the preflight asks for,
 * because libraries that trace or route requests add their own. Anything but a list of names gets
 * the usual ones.
 */
export function preflightHeaders(request: Request): Headers {
  const headers = new Headers(browserHeaders);
  headers.set("vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
  const method = request.headers.get("access-control-request-method");
  const names = namesOf(request.headers.get("access-control-request-headers") ?? "");
  if (method !== null && token.test(method) && names.length > 0) {
    headers.set("access-control-allow-headers", names.join(", "));
  }
  return headers;
}

/** The names in a list. None if any entry is not a name, or if the list is too long. */
function namesOf(list: string): readonly string[] {
  if (list.length > longestList) return [];
  const names = list.split(",").map((name) => name.trim());
  return names.length <= mostNames && names.every((name) => token.test(name)) ? names : [];
}
