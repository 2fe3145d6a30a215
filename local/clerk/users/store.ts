import type { Storage } from "../storage/database.ts";
import { type UserDocument, userDocument } from "./document.ts";

/** What is unique among users. */
export type IdentifierKind = "email_address" | "phone_number" | "username" | "external_id";

/** A value that a user holds, and no other user. */
export interface Identifier {
  kind: IdentifierKind;
  value: string;
}

/** Reads and writes users and their identifiers. Writes belong inside a transaction. */
export interface UserStore {
  find(id: string): UserDocument | undefined;
  /** The first identifier of the user that another user holds. */
  findTaken(user: UserDocument): Identifier | undefined;
  insert(user: UserDocument): void;
  update(user: UserDocument): void;
  delete(id: string): void;
}

/** Reads one user of the database. */
export function parseUser(document: unknown): UserDocument {
  return userDocument.parse(JSON.parse(String(document)));
}

/** What the user holds. User names are compared without regard to case; addresses are lower case. */
export function identifiersOf(user: UserDocument): Identifier[] {
  const identifiers: Identifier[] = [
    ...user.email_addresses.map(({ value }) => ({ kind: "email_address" as const, value })),
    ...user.phone_numbers.map(({ value }) => ({ kind: "phone_number" as const, value })),
  ];
  if (user.username !== null) {
    identifiers.push({ kind: "username", value: user.username.toLowerCase() });
  }
  if (user.external_id !== null) {
    identifiers.push({ kind: "external_id", value: user.external_id });
  }
  return identifiers;
}

/** Keeps users in the tables `users` and `identifiers`. */
export function createUserStore(storage: Storage): UserStore {
  const insertIdentifiers = (user: UserDocument) => {
    for (const { kind, value } of identifiersOf(user)) {
      storage.run(
        "insert into identifiers (kind, value, holder_id) values (?, ?, ?)",
        kind,
        value,
        user.id,
      );
    }
  };
  return {
    find(id) {
      const row = storage.get("select document from users where id = ?", id);
      return row === undefined ? undefined : parseUser(row.document);
    },
    findTaken(user) {
      return identifiersOf(user).find(({ kind, value }) =>
        storage.get(
          "select 1 from identifiers where kind = ? and value = ? and holder_id <> ?",
          kind,
          value,
          user.id,
        )
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
      storage.run("delete from identifiers where holder_id = ?", user.id);
      insertIdentifiers(user);
    },
    delete(id) {
      storage.run("delete from identifiers where holder_id = ?", id);
      storage.run("delete from users where id = ?", id);
    },
  };
}
