import { z } from "zod";
import { done, type Outcome } from "./errors.ts";
import { allOf, anyOf, type Condition, readFilters } from "./filters.ts";
import { readOrder, readPage } from "./listing.ts";
import { parseMembership } from "./membership_store.ts";
import type { MembershipDocument } from "./organization_document.ts";
import type { Storage } from "./storage.ts";
import { readUserFilters } from "./user_filters.ts";

/** What each `order_by` sorts by. */
const ORDERINGS: Record<string, string> = {
  "created_at": "memberships.created_at",
  "first_name": "users.first_name",
  "last_name": "users.last_name",
  username: "users.username",
  "email_address":
    "(select value from identifiers where identifiers.id = users.primary_email_address_id)",
  "phone_number":
    "(select value from identifiers where identifiers.id = users.primary_phone_number_id)",
};

const withRole = anyOf("role", "memberships.role in (VALUES)");

/** A page of memberships, and how many there are in all. */
export interface MembershipPage {
  memberships: MembershipDocument[];
  total: number;
}

/** Lists memberships as a query asks for, newest first where it does not say. */
export interface MembershipListing {
  ofInstance(query: URLSearchParams): Outcome<MembershipPage>;
  /** Takes the filters of users too, times of creation and activity among them. */
  ofOrganization(organizationId: string, query: URLSearchParams): Outcome<MembershipPage>;
  ofUser(userId: string, query: URLSearchParams): Outcome<MembershipPage>;
}

/** Lists memberships in SQL. */
export function createMembershipListing(storage: Storage): MembershipListing {
  const list = (query: URLSearchParams, conditions: Condition[]): Outcome<MembershipPage> => {
    const page = readPage(query);
    if (!page.ok) return page;
    const order = readOrder(query, ORDERINGS);
    if (!order.ok) return order;
    const { sql, values } = allOf(conditions);
    const direction = order.value.ascending ? "asc" : "desc";
    const rows = storage.all(
      `select memberships.document from memberships join users on users.id = memberships.user_id
       where ${sql}
       order by ${ORDERINGS[order.value.value]} ${direction}, memberships.id ${direction}
       limit ? offset ?`,
      ...values,
      page.value.limit,
      page.value.offset,
    );
    const counted = storage.get(
      `select count(*) as total from memberships where ${sql}`,
      ...values,
    );
    return done({
      memberships: rows.map(parseMembership),
      total: z.object({ total: z.int() }).parse(counted).total,
    });
  };
  return {
    ofInstance: (query) => list(query, []),
    ofUser: (userId, query) => list(query, [{ sql: "memberships.user_id = ?", values: [userId] }]),
    ofOrganization(organizationId, query) {
      const users = readUserFilters(query);
      if (!users.ok) return users;
      const roles = readFilters([withRole], query);
      if (!roles.ok) return roles;
      const ofUsers = allOf(users.value);
      return list(query, [
        { sql: "memberships.organization_id = ?", values: [organizationId] },
        {
          sql: `memberships.user_id in (select id from users where ${ofUsers.sql})`,
          values: ofUsers.values,
        },
        ...roles.value,
      ]);
    },
  };
}
