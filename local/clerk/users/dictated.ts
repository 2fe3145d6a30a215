import { z } from "zod";
import type { Storage } from "../storage/database.ts";

const rawUser = z.record(z.string(), z.unknown());

/** A user's JSON as a test dictates it. */
export type RawUser = z.infer<typeof rawUser>;

/** Users that `GET /v1/users/{id}` shows exactly as they were put here. Lists do not show them. */
export interface RawUsers {
  find(id: string): RawUser | undefined;
  put(id: string, user: RawUser): void;
  delete(id: string): void;
}

/** Keeps them in the table `raw_users`. */
export function createRawUsers(storage: Storage): RawUsers {
  return {
    find(id) {
      const row = storage.get("select json from raw_users where id = ?", id);
      return row === undefined ? undefined : rawUser.parse(JSON.parse(String(row.json)));
    },
    put(id, user) {
      storage.run(
        "insert into raw_users (id, json) values (?, ?) on conflict (id) do update set json = excluded.json",
        id,
        JSON.stringify(user),
      );
    },
    delete(id) {
      storage.run("delete from raw_users where id = ?", id);
    },
  };
}
