import type { ClerkClient } from "@clerk/backend";
import type { StackValues } from "./values.ts";

/** Creates Clerk's own client for the double. The library is loaded only when it is needed. */
export async function createLocalClerkClient(
  { CLERK_API_URL, CLERK_SECRET_KEY }: StackValues,
): Promise<ClerkClient> {
  const { createClerkClient } = await import("@clerk/backend");
  return createClerkClient({ secretKey: CLERK_SECRET_KEY, apiUrl: CLERK_API_URL });
}
