import assert from "node:assert/strict";
import { z } from "zod";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { pause } from "../support/eventually.ts";
import { clerk } from "../support/stack/clerk.ts";
import { callWithToken, errorOf } from "../support/stack/supabase.ts";
import type { ApplyBatch } from "./bulk.ts";
import type { Writer } from "./synthetic_writers.ts";

/** A user at Clerk, with a session. */
export interface SignedInUser {
  readonly id: string;
  /** A token that is valid for a while. */
  token(): Promise<string>;
  /** `updated_at` of the last change that Clerk has confirmed. */
  updatedAt: number;
  /** Set before Clerk is asked to delete the user. */
  deleted: boolean;
}

/** Milliseconds that a token is used for. It lasts a minute. */
const tokenUse = 20_000;

export async function signInUser(id: string): Promise<SignedInUser> {
  const { sessions, users } = clerk();
  const { id: sessionId } = await sessions.createSession({ userId: id });
  const fetchToken = async () => ({
    jwt: (await sessions.getToken(sessionId)).jwt,
    until: Date.now() + tokenUse,
  });
  let token = await fetchToken();
  const user: SignedInUser = {
    id,
    updatedAt: (await users.getUser(id)).updatedAt,
    deleted: false,
    async token() {
      // A deleted user has no session any more, but their last token is still valid.
      if (Date.now() > token.until && !user.deleted) token = await fetchToken();
      return token.jwt;
    },
  };
  return user;
}

const synced = z.object({ user: z.object({ clerk_id: z.string(), clerk_updated_at: z.string() }) });

/** Calls users-sync as any of the users. */
export function createSyncWriter(users: readonly SignedInUser[]): Writer {
  return async (random) => {
    const user = random.pick(users);
    const token = await user.token();
    const known = user.updatedAt;
    const { status, body, ...rest } = await callWithToken("users-sync", token);
    if (status === 200 || status === 201) {
      const row = synced.parse(body).user;
      assert.equal(row.clerk_id, user.id);
      assert.ok(
        Date.parse(row.clerk_updated_at) >= known,
        "the row is as new as what Clerk had before the call",
      );
      return;
    }
    const { code } = errorOf({ status, body, ...rest });
    // A busy machine exceeds the time limit of a call now and then.
    if (status === 503) return await pause(100);
    assert.ok(user.deleted && ["clerk_user_not_found", "user_inactive"].includes(code), code);
    await pause(5);
  };
}

/** Changes profiles at Clerk, which sends webhooks. */
export function createProfileWriter(users: readonly SignedInUser[]): Writer {
  return async (random) => {
    const user = random.pick(users.filter(({ deleted }) => !deleted));
    const token = random.token();
    const changed = await clerk().users.updateUser(user.id, { firstName: token, lastName: token })
      .catch((error) => {
        // A deleted user cannot be updated.
        if (!user.deleted) throw error;
      });
    if (changed) user.updatedAt = Math.max(user.updatedAt, changed.updatedAt);
    await pause(10);
  };
}

/** Reads users from Clerk and writes them some time later, like a slow backfill. */
export function createBackfillWriter(users: readonly SignedInUser[], apply: ApplyBatch): Writer {
  return async (random) => {
    const { data } = await clerk().users.getUserList({ userId: users.map(({ id }) => id) });
    const facts = random.shuffled(data).map(({ raw }) => clerkUser.parse(raw));
    await pause(random.below(300));
    const outcomes = await apply(facts);
    for (const outcome of outcomes) {
      assert.ok(["created", "updated", "unchanged", "stale"].includes(outcome), outcome);
    }
  };
}
