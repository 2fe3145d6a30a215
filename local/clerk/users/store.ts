import type { Storage } from "../storage/database.ts";
import { type UserDocument, userDocument } from "./document.ts";

/** A value that only one user may hold. */
export interface Identifier {
  readonly kind: "email_address" | "phone_number" | "username" | "external_id";
  readonly value: string;
}

/** Reads and writes users and their identifiers. Write only within a transaction. */
export interface UserStore {
  find(id: string): UserDocument | undefined;
  findByEmailAddress(address: string): UserDocument | undefined;
  findByEmailAddressId(id: string): UserDocument | undefined;
  /** The user's first identifier that another user holds. */
  findTaken(user: UserDocument): Identifier | undefined;
  insert(user: UserDocument): void;
  update(user: UserDocument): void;
  /** Deletes the user and their memberships. */
  delete(id: string): void;
}

/** Parses a user's document from the database. */
export function parseUser(document: unknown): UserDocument {
  return userDocument.parse(JSON.parse(String(document)));
}

/**
 * The identifiers that the user holds. Addresses are already in lower case. User names are compared in
 * lower case.
 */
export function identifiersOf(user: UserDocument): Identifier[] {
  const { username, external_id: externalId } = user;
  const addresses = user.email_addresses.filter(({ status }) => status !== "unverified");
  return [
    ...addresses.map(({ value }) => ({ kind: "email_address", value } as const)),
    ...user.phone_numbers.map(({ value }) => ({ kind: "phone_number", value } as const)),
    ...(username === null ? [] : [{ kind: "username", value: username.toLowerCase() } as const]),
    ...(externalId === null ? [] : [{ kind: "external_id", value: externalId } as const]),
  ];
}

/** Keeps users in the tables `users` and `identifiers`. */
export function createUserStore(storage: Storage): UserStore {
  function insertIdentifiers(user: UserDocument): void {
    for (const { kind, value } of identifiersOf(user)) {
      storage.run(
        "insert into identifiers (kind, value, holder_id) values (?, ?, ?)",
        kind,
        value,
        user.id,
      );
    }
  }

  return {
    find(id) {
      const row = storage.get("select document from users where id = ?", id);
      return row && parseUser(row.document);
    },
    findByEmailAddress(address) {
      const row = storage.get(
        `select document from users where id =
           (select holder_id from identifiers where kind = 'email_address' and value = ?)`,
        address.toLowerCase(),
      );
      return row && parseUser(row.document);
    },
    findByEmailAddressId(id) {
      const row = storage.get(
        `select users.document from users, json_each(users.document, '$.email_addresses') as email
         where email.value ->> 'id' = ?`,
        id,
      );
      return row && parseUser(row.document);
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
      const document = JSON.stringify(user);
      storage.run("insert into users (id, document) values (?, ?)", user.id, document);
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
