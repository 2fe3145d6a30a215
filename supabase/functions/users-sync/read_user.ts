import type { ProveAbsence } from "../_shared/clerk/absence.ts";
import { unusableAnswer } from "../_shared/clerk/failed_answer.ts";
import type { ReadClerkUser } from "../_shared/clerk/users.ts";
import type { UserFact } from "../_shared/facts/fact.ts";
import { fail, type Result, succeed } from "../_shared/failure.ts";
import type { Session } from "../_shared/session/session.ts";
import type { TakeRead } from "./read_limit.ts";
import { createSharedReads } from "./shared_reads.ts";

export interface UserReaderDependencies {
  readonly readClerkUser: ReadClerkUser;
  readonly proveAbsence: ProveAbsence;
  readonly takeRead: TakeRead;
}

/**
 * Reads what Clerk says about the caller, never from before the call.
 *
 * @returns null if there is provably no such user; ClerkApi's failures
 */
export type ReadUser = (session: Session) => Promise<Result<UserFact | null>>;

export function createUserReader(dependencies: UserReaderDependencies): ReadUser {
  const { readClerkUser, proveAbsence, takeRead } = dependencies;

  async function read({ userId, keyId }: Session): Promise<Result<UserFact | null>> {
    const retryAfter = takeRead(userId);
    if (retryAfter > 0) {
      return fail("clerk_rate_limited", {
        message: "Too many calls for this user",
        hint:
          "Call users-sync after sign-in and after profile changes; to read the row, call users-me",
        retryAfter,
      });
    }
    const user = await readClerkUser(userId);
    if (!user.ok || user.value) return user;
    const absent = await proveAbsence([userId], { keyId });
    if (!absent.ok) return absent;
    if (absent.value.has(userId)) return succeed(null);
    return unusableAnswer("users", "not found, but listed");
  }

  // An absence proven with a token's key counts only for tokens with the same key.
  return createSharedReads({ read, keyOf: ({ userId, keyId }) => `${userId} ${keyId}` });
}
