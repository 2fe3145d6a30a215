import type { FoundUser } from "../_shared/database/client.ts";
import type { CallForOne } from "../_shared/database/grouped_calls.ts";
import { fail, succeed } from "../_shared/failure.ts";
import { createEndpoint, type Endpoint, type Handler } from "../_shared/http/endpoint.ts";
import type { Log } from "../_shared/http/log.ts";
import type { VerifySession } from "../_shared/session/session.ts";

/** POST too, because `functions.invoke` sends it by default. */
export const endpoint: Endpoint = { methods: ["GET", "POST"], browsers: true };

export interface UsersMeDependencies {
  readonly verifySession: VerifySession;
  readonly findUser: CallForOne<string, FoundUser | null>;
  readonly log: Log;
}

/**
 * `GET users-me`: the caller's row and organizations. Needs only the database, so it serves while
 * Clerk is down.
 */
export function createUsersMe(dependencies: UsersMeDependencies): Handler {
  const { verifySession, findUser, log } = dependencies;

  return createEndpoint(endpoint, log, async (request) => {
    const session = await verifySession(request);
    if (!session.ok) return session;
    const found = await findUser(session.value.userId, request);
    if (!found.ok) return found;
    if (!found.value) return fail("user_not_found");
    const { user, active, organizations } = found.value;
    if (!active) return fail("user_inactive");
    return succeed({ status: 200, body: { user, organizations } });
  });
}
