/** The keys that open `/rest/v1`. */
export type ApiKeys = {
  anonKey: string;
  serviceRoleKey: string;
  publishableKey: string;
  secretKey: string;
};

/** What to forward to PostgREST, or why the request is refused. */
export type RestCredentials = { authorization: string; apiKey: string } | "missing" | "wrong";

/**
 * Applies the platform's rules. A request must name an API key. The new opaque keys stand for the JWT of
 * their role. A request without a token gets the key's.
 */
export function createCredentials(
  { anonKey, serviceRoleKey, publishableKey, secretKey }: ApiKeys,
): (apiKey: string | null, authorization: string | null) => RestCredentials {
  const tokens = new Map([
    [anonKey, anonKey],
    [serviceRoleKey, serviceRoleKey],
    [publishableKey, anonKey],
    [secretKey, serviceRoleKey],
  ]);
  return (apiKey, authorization) => {
    if (apiKey === null || apiKey === "") return "missing";
    const token = tokens.get(apiKey);
    if (token === undefined) return "wrong";
    if (authorization === null) return { apiKey: token, authorization: `Bearer ${token}` };
    const opaque = /^Bearer\s+(sb_\S+)$/i.exec(authorization)?.[1];
    if (opaque === undefined) return { apiKey: token, authorization };
    const swapped = tokens.get(opaque);
    if (swapped === undefined) return "wrong";
    return { apiKey: token, authorization: `Bearer ${swapped}` };
  };
}
