import type { Context } from "../context.ts";
import { clerkErrors, type Refusal, type Result, succeed } from "../http/errors.ts";
import type { Requester } from "../http/requester.ts";
import type { Emit } from "../svix/events.ts";
import type { NewUser } from "./bodies.ts";
import { userFrom } from "./changes.ts";
import type { UserDocument } from "./document.ts";
import { type Identifier, identifiersOf, type UserStore } from "./store.ts";
import { renderDeletedUser, renderUser } from "./view.ts";

/** Returns the changed user, or a refusal. `at` is the new `updated_at`. */
export type UserChange = (user: UserDocument, at: number) => Result<UserDocument>;

/** Runs with a user's ban or deletion, within the same transaction. */
export type UserCascade = (user: UserDocument, requester: Requester) => void;

/** Changes users. Stores each change together with its event. */
export interface UserService {
  get(id: string): Result<UserDocument>;
  create(body: NewUser, requester: Requester): Result<UserDocument>;
  change(id: string, requester: Requester, change: UserChange): Result<UserDocument>;
  ban(id: string, requester: Requester): Result<UserDocument>;
  /** Deletes the user for good. */
  delete(id: string, requester: Requester): Result<UserDocument>;
  /** Calls `cascade` after each ban. */
  onBan(cascade: UserCascade): void;
  /** Calls `cascade` before each deletion. */
  onDelete(cascade: UserCascade): void;
}

export interface UserServiceDependencies extends Context {
  readonly userStore: UserStore;
  readonly emit: Emit;
}

export function createUserService(dependencies: UserServiceDependencies): UserService {
  const { storage, userStore, emit, instanceId, now } = dependencies;
  const banCascades: UserCascade[] = [];
  const deletionCascades: UserCascade[] = [];

  function get(id: string): Result<UserDocument> {
    const user = userStore.find(id);
    return user ? succeed(user) : clerkErrors.userNotFound(id);
  }

  function change(id: string, requester: Requester, change: UserChange): Result<UserDocument> {
    return storage.transaction(() => {
      const before = get(id);
      if (!before.ok) return before;
      // Clerk's `updated_at` orders a user's states, so no two of them may be equal.
      const at = Math.max(now(), before.value.updated_at + 1);
      const changed = change(before.value, at);
      if (!changed.ok) return changed;
      const user = { ...changed.value, updated_at: at };
      const conflict = conflictOf(user, userStore);
      if (conflict) return conflict;
      userStore.update(user);
      emit("user.updated", renderUser(user, instanceId), id, requester);
      return succeed(user);
    });
  }

  return {
    get,
    change,
    create(body, requester) {
      return storage.transaction(() => {
        const created = userFrom(body, now());
        if (!created.ok) return created;
        const user = created.value;
        const conflict = conflictOf(user, userStore);
        if (conflict) return conflict;
        userStore.insert(user);
        emit("user.created", renderUser(user, instanceId), user.id, requester);
        return created;
      });
    },
    ban(id, requester) {
      return storage.transaction(() => {
        const banned = change(id, requester, (user) => succeed({ ...user, banned: true }));
        if (!banned.ok) return banned;
        for (const cascade of banCascades) cascade(banned.value, requester);
        return banned;
      });
    },
    delete(id, requester) {
      return storage.transaction(() => {
        const found = get(id);
        if (!found.ok) return found;
        for (const cascade of deletionCascades) cascade(found.value, requester);
        userStore.delete(id);
        emit("user.deleted", renderDeletedUser(found.value), id, requester);
        return found;
      });
    },
    onBan: (cascade) => banCascades.push(cascade),
    onDelete: (cascade) => deletionCascades.push(cascade),
  };
}

const labels: Readonly<Record<Identifier["kind"], string>> = {
  email_address: "email address",
  phone_number: "phone number",
  username: "username",
  external_id: "external ID",
};

/** A refusal if the user has an identifier twice, or one that another user holds. */
function conflictOf(user: UserDocument, userStore: UserStore): Refusal | undefined {
  const identifiers = identifiersOf(user);
  const repeated = identifiers.find(({ kind, value }, index) =>
    identifiers.slice(0, index).some((other) => other.kind === kind && other.value === value)
  );
  const conflict = repeated ?? userStore.findTaken(user);
  return conflict && clerkErrors.identifierExists(conflict.kind, labels[conflict.kind]);
}
