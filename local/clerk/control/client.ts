/** The Clerk double's address and key. */
export interface DoubleAddress {
  readonly CLERK_API_URL: string;
  readonly CLERK_SECRET_KEY: string;
}

/**
 * Sends a request to the double's control API.
 *
 * @param path what follows `/double/`
 */
export async function askDouble(
  { CLERK_API_URL, CLERK_SECRET_KEY }: DoubleAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  const authorization = `Bearer ${CLERK_SECRET_KEY}`;
  return await fetch(new URL(`/double/${path}`, CLERK_API_URL), {
    method,
    ...(body === undefined ? { headers: { authorization } } : {
      headers: { authorization, "content-type": "application/json" },
      body: JSON.stringify(body),
    }),
  });
}
