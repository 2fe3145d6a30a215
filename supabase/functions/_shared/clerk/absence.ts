import { z } from "zod";
import { type Result, succeed } from "../failure.ts";
import type { ClerkApi } from "./api.ts";
import { clerkUnavailable } from "./failed_answer.ts";
import type { ClerkKeys } from "./keys.ts";

/**
 * Shows that the right Clerk instance answered: the id of a key that it must have, or of a user
 * that the same answer must list.
 */
export type Witness = { readonly keyId: string } | { readonly userId: string };

/**
 * Proves that users do not exist in Clerk. Their deletion needs this proof because it is final: no
 * passing fault of Clerk's may look like one.
 *
 * @param userIds at most 100, including the witness
 * @returns the users proven absent; if anything is in doubt, one of ClerkApi's failures
 */
export type ProveAbsence = (
  userIds: readonly string[],
  witness: Witness,
) => Promise<Result<ReadonlySet<string>>>;

export function createAbsenceProof(api: ClerkApi, readKeyIds: ClerkKeys["readIds"]): ProveAbsence {
  async function confirmKey(keyId: string): Promise<Result<true>> {
    const keyIds = await readKeyIds();
    if (!keyIds.ok) return keyIds;
    if (keyIds.value.has(keyId)) return succeed(true);
    return doubtful(
      "the token's key is not among the instance's",
      "CLERK_JWT_KEY or CLERK_SECRET_KEY may belong to another Clerk instance",
    );
  }

  /** Returns those of the ids that Clerk's list of users shows. */
  async function list(userIds: readonly string[]): Promise<Result<ReadonlySet<string>>> {
    const query = new URLSearchParams(userIds.map((id) => ["user_id", id]));
    query.set("limit", String(userIds.length));
    const read = await api.read("users", query);
    if (!read.ok) return read;
    const users = listedUsers.safeParse(read.value);
    if (!users.success) return doubtful("not a list of users");
    const shown = new Set(users.data.map(({ id }) => id));
    // A list with other users says nothing about who is missing from it.
    return shown.isSubsetOf(new Set(userIds)) ? succeed(shown) : doubtful("a list of other users");
  }

  /**
   * Asks again about the missing users until an answer shows none of them: a truncated answer may
   * leave out some, but not all.
   */
  async function findAbsent(
    userIds: readonly string[],
    witnesses: readonly string[],
  ): Promise<Result<ReadonlySet<string>>> {
    let candidates = userIds;
    while (candidates.length > 0) {
      const shown = await list([...candidates, ...witnesses]);
      if (!shown.ok) return shown;
      if (!witnesses.every((id) => shown.value.has(id))) return doubtful("the witness is missing");
      const missing = candidates.filter((id) => !shown.value.has(id));
      if (missing.length === candidates.length) break;
      candidates = missing;
    }
    return succeed(new Set(candidates));
  }

  return async (userIds, witness) => {
    if ("userId" in witness) return await findAbsent(userIds, [witness.userId]);
    const [confirmed, absent] = await Promise.all([
      confirmKey(witness.keyId),
      findAbsent(userIds, []),
    ]);
    return confirmed.ok ? absent : confirmed;
  };
}

const listedUsers = z.array(z.object({ id: z.string() }));

function doubtful(reason: string, hint?: string): Result<never> {
  return clerkUnavailable("absence", reason, hint);
}
