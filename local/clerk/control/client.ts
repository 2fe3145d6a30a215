/** Where the Clerk double is, and its key. */
export type DoubleAddress = { CLERK_API_URL: string; CLERK_SECRET_KEY: string };

/**
 * Sends a request to the double's control API.
 *
 * @param path Behind `/double/`.
 */
export async function askDouble(
  { CLERK_API_URL, CLERK_SECRET_KEY }: DoubleAddress,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return await fetch(new URL(`/double/${path}`, CLERK_API_URL), {
    method,
    headers: {
      authorization: `Bearer ${CLERK_SECRET_KEY}`,
      ...(body === undefined ? {} : { "content-type": "application/json" }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}
