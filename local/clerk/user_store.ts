import type { Storage } from "./storage.ts";
import { type UserDocument, userDocument } from "./user_document.ts";

/** What is unique among users. */
export type IdentifierKind = "email_address" | "phone_number" | "username" | "external_id";

/** A value that a user holds, and whether no other user may hold it too. */
export interface Identifier {
  kind: IdentifierKind;
  value: string;
  id: string;
  claimed: boolean;
}

/** Reads and writes users and their identifiers. Writes belong inside a transaction. */
export interface UserStore {
  find(id: string): UserDocument | undefined;
  /** The user who holds the e-mail address or phone number with this id. */
  findByIdentification(id: string): UserDocument | undefined;
  /** The first identifier of the user that another user has claimed. */
  findTaken(user: UserDocument): Identifier | undefined;
  insert(user: UserDocument): void;
  update(user: UserDocument): void;
  delete(id: string): void;
}

/** Reads one user of the database. */
export function parseUser(document: unknown): UserDocument {
  return userDocument.parse(JSON.parse(String(document)));
}

/** E-mail addresses, user names and the like are compared without regard to case. */
export function identifiersOf(user: UserDocument): Identifier[] {
  const identifiers: Identifier[] = [];
  for (const { id, value, status } of user.email_addresses) {
    identifiers.push({ kind: "email_address", value, id, claimed: status !== "unverified" });
  }
  for (const { id, value, status } of user.phone_numbers) {
    identifiers.push({ kind: "phone_number", value, id, claimed: status !== "unverified" });
  }
  if (user.username !== null) {
    const value = user.username.toLowerCase();
    identifiers.push({ kind: "username", value, id: "", claimed: true });
  }
  if (user.external_id !== null) {
    identifiers.push({ kind: "external_id", value: user.external_id, id: "", claimed: true });
  }
  return identifiers;
}

/** Keeps users in the tables `users` and `identifiers`. */
export function createUserStore(storage: Storage): UserStore {
  const insertIdentifiers = (user: UserDocument) => {
    for (const { kind, value, id, claimed } of identifiersOf(user)) {
      storage.run(
        "insert into identifiers (kind, value, user_id, id, claimed) values (?, ?, ?, ?, ?)",
        kind,
        value,
        user.id,
        id,
        Number(claimed),
      );
    }
  };
  return {
    find(id) {
      const row = storage.get("select document from users where id = ?", id);
      return row === undefined ? undefined : parseUser(row.document);
    },
    findByIdentification(id) {
      const row = storage.get(
        "select document from users where id = (select user_id from identifiers where id = ? and id <> '')",
        id,
      );
      return row === undefined ? undefined : parseUser(row.document);
    },
    findTaken(user) {
      return identifiersOf(user).find(({ kind, value, claimed }) =>
        claimed &&
        storage.get(
            "select 1 from identifiers where kind = ? and value = ? and claimed = 1 and user_id <> ?",
            kind,
            value,
            user.id,
          ) !== undefined
      );
    },
    insert(user) {
      storage.run(
        "insert into users (id, document) values (?, ?)",
        user.id,
        JSON.stringify(user),
      );
      insertIdentifiers(user);
    },
    update(user) {
      storage.run("update users set document = ? where id = ?", JSON.stringify(user), user.id);
      storage.run("delete from identifiers where user_id = ?", user.id);
      insertIdentifiers(user);
    },
    delete(id) {
      storage.run("delete from identifiers where user_id = ?", id);
      storage.run("delete from users where id = ?", id);
    },
  };
}
