import type { ClerkProviderProps } from "@clerk/react";

/** Whether Clerk's double in the local stack answers, for want of an instance's key. */
export const isLocal = !import.meta.env.VITE_CLERK_PUBLISHABLE_KEY;

/** `pk_test_` and, in base64, `clerk.test$`. The double answers to any key. */
const localKey = "pk_test_Y2xlcmsudGVzdCQ=";

/**
 * What `ClerkProvider` needs. With your instance's key, Clerk's script comes from Clerk, as usual.
 * Without one, the same script is part of this page, and talks to the local stack.
 */
export async function clerkOptions(): Promise<
  Omit<ClerkProviderProps, "children">
> {
  const publishableKey = import.meta.env.VITE_CLERK_PUBLISHABLE_KEY;
  if (publishableKey) return { publishableKey };
  const { Clerk } = await import("@clerk/clerk-js/no-rhc");
  const proxyUrl = `${location.origin}/__clerk`;
  // One instance for the page: StrictMode would load a second one that nobody has signed in to.
  return {
    publishableKey: localKey,
    proxyUrl,
    Clerk: new Clerk(localKey, { proxyUrl }),
    telemetry: false,
  };
}
