import { z } from "zod";
import { clerkErrors, done, type Outcome, refused } from "./errors.ts";
import { allOf, type Condition } from "./filters.ts";
import { type Order, type Page, readOrder, readPage } from "./listing.ts";
import type { Storage } from "./storage.ts";
import type { UserDocument } from "./user_document.ts";
import { readUserFilters } from "./user_filters.ts";
import { parseUser } from "./user_store.ts";

/** What each `order_by` sorts by. */
const ORDERINGS: Record<string, string> = {
  "created_at": "created_at",
  "updated_at": "updated_at",
  "last_active_at": "last_active_at",
  "last_sign_in_at": "last_sign_in_at",
  "first_name": "first_name",
  "last_name": "last_name",
  username: "username",
  "email_address":
    "(select value from identifiers where identifiers.id = primary_email_address_id)",
  "phone_number": "(select value from identifiers where identifiers.id = primary_phone_number_id)",
  web3wallet: "null",
};

/** Lists and counts users as a query asks for. */
export interface UserListing {
  list(query: URLSearchParams): Outcome<UserDocument[]>;
  count(query: URLSearchParams): Outcome<number>;
}

/** Lists users in SQL. */
export function createUserListing(storage: Storage): UserListing {
  return {
    list(query) {
      const page = readPage(query);
      if (!page.ok) return page;
      const order = readOrder(query, ORDERINGS);
      if (!order.ok) return order;
      const filters = readUserFilters(query);
      if (!filters.ok) return filters;
      const cursor = readCursor(query, order.value, page.value, storage);
      if (!cursor.ok) return cursor;
      const { sql, values } = allOf([...filters.value, ...cursor.value]);
      const direction = order.value.ascending ? "asc" : "desc";
      const rows = storage.all(
        `select document from users where ${sql}
         order by ${ORDERINGS[order.value.value]} ${direction}, id ${direction} limit ? offset ?`,
        ...values,
        page.value.limit,
        page.value.offset,
      );
      return done(rows.map(({ document }) => parseUser(document)));
    },
    count(query) {
      const filters = readUserFilters(query);
      if (!filters.ok) return filters;
      const { sql, values } = allOf(filters.value);
      const row = storage.get(`select count(*) as total from users where ${sql}`, ...values);
      return done(z.object({ total: z.int() }).parse(row).total);
    },
  };
}

/** `starting_after`: goes on behind a user, in the order of creation alone. */
function readCursor(
  query: URLSearchParams,
  order: Order,
  page: Page,
  storage: Storage,
): Outcome<Condition[]> {
  const id = query.get("starting_after");
  if (id === null || id === "") return done([]);
  if (order.value !== "created_at") {
    return refused(clerkErrors.parameterNotAllowedWith("order_by", "starting_after"));
  }
  if (page.offset > 0) {
    return refused(clerkErrors.parameterNotAllowedWith("offset", "starting_after"));
  }
  const row = storage.get("select created_at from users where id = ?", id);
  if (row === undefined) return refused(clerkErrors.resourceMissing("starting_after"));
  const { created_at: createdAt } = z.object({ created_at: z.int() }).parse(row);
  const comparison = order.ascending ? ">" : "<";
  return done([{ sql: `(created_at, id) ${comparison} (?, ?)`, values: [createdAt, id] }]);
}
