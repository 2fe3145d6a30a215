import * as z from "zod/mini";
import { type Result, succeed } from "../failure.ts";
import type { ClerkApi } from "./api.ts";
import { clerkUnavailable, unusableAnswer } from "./failed_answer.ts";
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

/** Returns those of the ids that Clerk shows, witnesses included. */
export type Show = (ids: readonly string[]) => Promise<Result<ReadonlySet<string>>>;

export function createAbsenceProof(api: ClerkApi, readKeyIds: ClerkKeys["readIds"]): ProveAbsence {
  async function confirmKey(keyId: string): Promise<Result<true>> {
    const keyIds = await readKeyIds();
    if (!keyIds.ok) return keyIds;
    if (keyIds.value.has(keyId)) return succeed(true);
    return clerkUnavailable("absence", "the token's key is not among the instance's", {
      message: "Clerk's answer may be about another instance",
      hint: "CLERK_JWT_KEY or CLERK_SECRET_KEY may belong to another Clerk instance",
    });
  }

  const show: Show = async (userIds) => {
    const query = new URLSearchParams(userIds.map((id) => ["user_id", id]));
    query.set("limit", String(userIds.length));
    const read = await api.read("users", query);
    if (!read.ok) return read;
    const users = listedObjects.safeParse(read.value);
    if (!users.success) return doubtful("not a list of users");
    return onlyAsked(users.data.map(({ id }) => id), userIds);
  };

  return async (userIds, witness) => {
    if ("userId" in witness) return await findAbsent(userIds, [witness.userId], show);
    const [confirmed, absent] = await Promise.all([
      confirmKey(witness.keyId),
      findAbsent(userIds, [], show),
    ]);
    return confirmed.ok ? absent : confirmed;
  };
}

/**
 * Asks again about the missing ones until an answer shows none of them: a truncated answer may leave
 * out some, but not all. Every answer must show the witnesses.
 */
export async function findAbsent(
  ids: readonly string[],
  witnesses: readonly string[],
  show: Show,
): Promise<Result<ReadonlySet<string>>> {
  let candidates = ids;
  while (candidates.length > 0) {
    const shown = await show([...candidates, ...witnesses]);
    if (!shown.ok) return shown;
    if (!witnesses.every((id) => shown.value.has(id))) return doubtful("the witness is missing");
    const missing = candidates.filter((id) => !shown.value.has(id));
    if (missing.length === candidates.length) break;
    candidates = missing;
  }
  return succeed(new Set(candidates));
}

/** The ids that Clerk shows. A list with others says nothing about who is missing from it. */
export function onlyAsked(
  shown: readonly string[],
  asked: readonly string[],
): Result<ReadonlySet<string>> {
  const ids = new Set(shown);
  return ids.isSubsetOf(new Set(asked)) ? succeed(ids) : doubtful("a list of others");
}

export function doubtful(reason: string): Result<never> {
  return unusableAnswer("absence", reason);
}

export const listedObjects = z.array(z.object({ id: z.string() }));
