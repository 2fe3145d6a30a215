import { isClerkAPIResponseError } from "@clerk/react/errors";

/** What to tell the user of an error of Clerk's packages. */
export function messageOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  if (!isClerkAPIResponseError(error)) {
    return /network error/i.test(message) ? "Clerk isn’t answering" : message;
  }
  if (error.status >= 500) return "Clerk isn’t answering";
  return error.errors[0]?.longMessage ?? message;
}
