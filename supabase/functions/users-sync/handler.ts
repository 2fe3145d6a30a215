import { type Applied, refusalOf } from "../_shared/database/client.ts";
import type { CallForOne } from "../_shared/database/grouped_calls.ts";
import type { FactItem } from "../_shared/facts/fact.ts";
import { fail, type Failure, type Result, succeed } from "../_shared/failure.ts";
import {
  type Answer,
  createEndpoint,
  type Endpoint,
  type Handler,
} from "../_shared/http/endpoint.ts";
import type { Log } from "../_shared/http/log.ts";
import type { VerifySession } from "../_shared/session/session.ts";
import type { ReadUser } from "./read_user.ts";

export const endpoint: Endpoint = { methods: ["POST"], browsers: true };

export interface UsersSyncDependencies {
  readonly verifySession: VerifySession;
  readonly readUser: ReadUser;
  /** Returns the user's row, too. */
  readonly writeFact: CallForOne<FactItem, Applied>;
  readonly log: Log;
}

/**
 * `POST users-sync`: writes the caller's state from Clerk's Backend API, and answers with the
 * resulting row. If Clerk provably has no such user, writes a deletion.
 */
export function createUsersSync(dependencies: UsersSyncDependencies): Handler {
  const { verifySession, readUser, writeFact, log } = dependencies;

  return createEndpoint(endpoint, log, async (request) => {
    const session = await verifySession(request);
    if (!session.ok) return session;
    const user = await readUser(session.value);
    if (!user.ok) return explain(user.failure);
    if (user.value === null) return await recordDeletion(session.value.userId);
    const applied = await writeFact(user.value, request);
    return applied.ok ? answer(applied.value) : applied;
  });

  async function recordDeletion(userId: string): Promise<Result<Answer>> {
    const applied = await writeFact({
      kind: "user_deleted",
      clerk_id: userId,
      // Clerk gives no time here. The webhook's time is earlier, and the earliest one stays.
      deleted_at: new Date().toISOString(),
      delivery: {
        id: `users-sync_${userId}`,
        type: "user.deleted",
        source: "users-sync",
        occurred_at: null,
      },
    });
    if (!applied.ok) return applied;
    return applied.value.outcome === "rejected"
      ? refusalOf(applied.value)
      : fail("clerk_user_not_found");
  }
}

/** While Clerk does not answer, users-me still serves signed-in users. */
function explain(failure: Failure): Result<never> {
  const waiting = failure.code === "clerk_unavailable" || failure.code === "clerk_rate_limited";
  const hint = "Until Clerk answers again, users-me gives the last known row, if there is one";
  return { ok: false, failure: waiting ? { hint, ...failure } : failure };
}

function answer(applied: Applied): Result<Answer> {
  if (!applied.user) return refusalOf(applied);
  const { outcome, user, active } = applied;
  if (!active) return fail("user_inactive");
  return succeed({
    status: outcome === "created" ? 201 : 200,
    body: { message: messageOf(outcome), user },
    note: { outcome },
  });
}

function messageOf(outcome: Applied["outcome"]): string {
  if (outcome === "created") return "User created";
  return outcome === "updated" ? "User updated" : "User already up to date";
}
