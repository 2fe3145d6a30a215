import { clerkErrors, done, type Outcome, refused } from "../http/errors.ts";
import type { Events, Requester } from "../svix/events.ts";
import type { MembershipStore } from "../organizations/membership_store.ts";
import type { Memberships } from "../organizations/membership_service.ts";
import { renderSession, type SessionStore } from "../sessions/store.ts";
import type { Storage } from "../storage/database.ts";
import type { CreateUserBody } from "./bodies.ts";
import { userFrom } from "./changes.ts";
import type { UserDocument } from "./document.ts";
import { renderUser } from "./view.ts";
import { type Identifier, identifiersOf, type UserStore } from "./store.ts";

const LABELS: Record<Identifier["kind"], string> = {
  "email_address": "email address",
  "phone_number": "phone number",
  username: "username",
  "external_id": "external ID",
};

/** A change of a user: the user afterwards, or why not. `at` is the change's `updated_at`. */
export type UserChange = (user: UserDocument, at: number) => Outcome<UserDocument>;

/** What can be done to users; each change is stored together with the event that tells of it. */
export interface Users {
  get(id: string): Outcome<UserDocument>;
  create(body: CreateUserBody, requester: Requester): Outcome<UserDocument>;
  change(id: string, requester: Requester, change: UserChange): Outcome<UserDocument>;
  /** As `change()`, for a caller that is in a transaction already. */
  changeInTransaction(id: string, requester: Requester, change: UserChange): Outcome<UserDocument>;
  /** Bans the user, which revokes every session. */
  ban(id: string, requester: Requester): Outcome<UserDocument>;
  /** Deletes the user for good and ends every session and membership. */
  delete(id: string, requester: Requester): Outcome<UserDocument>;
}

/** Users over the stored ones; `now` gives milliseconds since the Unix epoch. */
export function createUsers(deps: {
  storage: Storage;
  users: UserStore;
  sessions: SessionStore;
  membershipStore: MembershipStore;
  memberships: Memberships;
  events: Events;
  instanceId: string;
  now: () => number;
}): Users {
  const { storage, users, sessions, events, instanceId, now } = deps;

  const changeStored = (id: string, requester: Requester, change: UserChange) => {
    const before = users.find(id);
    if (before === undefined) return refused(clerkErrors.userNotFound(id));
    // Clerk's `updated_at` orders a user's states, so two of them may never be equal.
    const at = Math.max(now(), before.updated_at + 1);
    const changed = change(before, at);
    if (!changed.ok) return changed;
    const user = { ...changed.value, "updated_at": at };
    const conflict = identifierConflict(user, users);
    if (conflict !== undefined) return refused(conflict);
    users.update(user);
    events.emit("user.updated", renderUser(user, instanceId), id, requester);
    return done(user);
  };

  return {
    get(id) {
      const user = users.find(id);
      return user === undefined ? refused(clerkErrors.userNotFound(id)) : done(user);
    },
    create(body, requester) {
      return storage.transaction(() => {
        const created = userFrom(body, now());
        if (!created.ok) return created;
        const user = created.value;
        const conflict = identifierConflict(user, users);
        if (conflict !== undefined) return refused(conflict);
        users.insert(user);
        events.emit("user.created", renderUser(user, instanceId), user.id, requester);
        return created;
      });
    },
    change(id, requester, change) {
      return storage.transaction(() => changeStored(id, requester, change));
    },
    changeInTransaction: changeStored,
    ban(id, requester) {
      return storage.transaction(() => {
        const banned = changeStored(id, requester, (user) => done({ ...user, banned: true }));
        if (!banned.ok) return banned;
        const user = renderUser(banned.value, instanceId);
        for (const session of sessions.endAll(id, "revoked", now())) {
          events.emit("session.revoked", { ...renderSession(session), user }, id, requester);
        }
        return banned;
      });
    },
    delete(id, requester) {
      return storage.transaction(() => {
        const user = users.find(id);
        if (user === undefined) return refused(clerkErrors.userNotFound(id));
        sessions.endAll(id, "ended", now());
        deps.memberships.endInTransaction(deps.membershipStore.ofUser(id), requester);
        users.delete(id);
        events.emit("user.deleted", renderDeletedUser(user), id, requester);
        return done(user);
      });
    },
  };
}

/** What is left of a deleted user (schema `DeletedObject`). */
export function renderDeletedUser(user: UserDocument): Record<string, unknown> {
  const externalId = user.external_id === null ? {} : { external_id: user.external_id };
  return { object: "user", id: user.id, deleted: true, ...externalId };
}

function identifierConflict(user: UserDocument, users: UserStore) {
  const seen = new Set<string>();
  for (const { kind, value } of identifiersOf(user)) {
    const key = `${kind} ${value}`;
    if (seen.has(key)) return clerkErrors.identifierExists(kind, LABELS[kind]);
    seen.add(key);
  }
  const taken = users.findTaken(user);
  return taken && clerkErrors.identifierExists(taken.kind, LABELS[taken.kind]);
}
