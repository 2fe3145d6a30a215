import { z } from "zod";
import type { Storage } from "../storage/database.ts";

/** A user's JSON, as dictated by a test. */
export const dictatedUser = z.record(z.string(), z.unknown());
export type DictatedUser = z.infer<typeof dictatedUser>;

/** Users that `GET /v1/users/{id}` shows exactly as they were stored here. Lists do not show them. */
export interface DictatedUserStore {
  find(id: string): DictatedUser | undefined;
  put(id: string, user: DictatedUser): void;
  delete(id: string): void;
}

/** Keeps these users in the table `dictated_users`. */
export function createDictatedUserStore(storage: Storage): DictatedUserStore {
  return {
    find(id) {
      const row = storage.get("select json from dictated_users where id = ?", id);
      return row && dictatedUser.parse(JSON.parse(String(row.json)));
    },
    put(id, user) {
      storage.run(
        "insert or replace into dictated_users (id, json) values (?, ?)",
        id,
        JSON.stringify(user),
      );
    },
    delete(id) {
      storage.run("delete from dictated_users where id = ?", id);
    },
  };
}
