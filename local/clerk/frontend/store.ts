import type { Storage } from "../storage/database.ts";
import { type ClientDocument, clientDocument } from "./document.ts";

/** Reads and writes browsers, each by the secret token in its cookie. */
export interface ClientStore {
  find(token: string): ClientDocument | undefined;
  put(token: string, client: ClientDocument): void;
}

/** Keeps browsers in the table `clients`. */
export function createClientStore(storage: Storage): ClientStore {
  return {
    find(token) {
      const row = storage.get("select document from clients where token = ?", token);
      return row && clientDocument.parse(JSON.parse(String(row.document)));
    },
    put(token, client) {
      storage.run(
        "insert or replace into clients (token, document) values (?, ?)",
        token,
        JSON.stringify(client),
      );
    },
  };
}
