import { z } from "zod";
import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import { anyOf, type Filter, readFilters, readPage, time } from "../http/query.ts";
import type { Storage } from "../storage/database.ts";
import { type Condition, countRows, type Page, selectPage } from "../storage/page.ts";
import type { UserDocument } from "./document.ts";
import { parseUser } from "./store.ts";

const filters: Readonly<Record<string, Filter>> = {
  user_id: anyOf("id"),
  username: anyOf("username collate nocase"),
  created_at_before: time("created_at < ?"),
  created_at_after: time("created_at > ?"),
};

const createdAt = z.object({ created_at: z.int() });

/** Lists and counts the users that a query asks for. */
export interface UserListing {
  list(query: URLSearchParams): Result<UserDocument[]>;
  count(query: URLSearchParams): Result<number>;
}

export function createUserListing(storage: Storage): UserListing {
  // Clerk's client sends a page's cursor along when it asks for the count.
  const conditionsOf = (query: URLSearchParams) => readFilters(query, filters, ["starting_after"]);

  /** `starting_after` continues after a user. It works only in the order of creation. */
  function readCursor(query: URLSearchParams, page: Page): Result<Condition[]> {
    const id = query.get("starting_after");
    if (!id) return succeed([]);
    if (page.column !== "created_at") {
      return clerkErrors.parameterNotAllowedWith("order_by", "starting_after");
    }
    if (page.offset > 0) {
      return clerkErrors.parameterNotAllowedWith("offset", "starting_after");
    }
    const row = storage.get("select created_at from users where id = ?", id);
    if (!row) return clerkErrors.resourceMissing("starting_after");
    const comparison = page.ascending ? ">" : "<";
    return succeed([{
      sql: `(created_at, id) ${comparison} (?, ?)`,
      values: [createdAt.parse(row).created_at, id],
    }]);
  }

  return {
    list(query) {
      const page = readPage(query, ["created_at", "updated_at", "last_sign_in_at"]);
      if (!page.ok) return page;
      const conditions = conditionsOf(query);
      if (!conditions.ok) return conditions;
      const cursor = readCursor(query, page.value);
      if (!cursor.ok) return cursor;
      const all = [...conditions.value, ...cursor.value];
      return succeed(
        selectPage(storage, "users", all, page.value).map(({ document }) => parseUser(document)),
      );
    },
    count(query) {
      const conditions = conditionsOf(query);
      return conditions.ok ? succeed(countRows(storage, "users", conditions.value)) : conditions;
    },
  };
}
