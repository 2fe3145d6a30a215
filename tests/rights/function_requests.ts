import type { RestRequest } from "./rest.ts";

/** How a function can be called. */
export const functionVerbs = ["POST", "GET", "HEAD", "OPTIONS"] as const;

export type FunctionVerb = typeof functionVerbs[number];

/** The request that calls the function with these arguments. */
export function functionRequest(
  name: string,
  verb: FunctionVerb,
  call: Readonly<Record<string, unknown>>,
): RestRequest {
  const path = `rpc/${name}`;
  if (verb === "OPTIONS") return { method: verb, path };
  if (verb === "POST") return { method: verb, path, body: call };
  const query = new URLSearchParams();
  for (const [key, value] of Object.entries(call)) {
    query.set(key, typeof value === "string" ? value : JSON.stringify(value));
  }
  return { method: verb, path: `${path}?${query}` };
}
