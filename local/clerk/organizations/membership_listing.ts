import { type Result, succeed } from "../http/errors.ts";
import { anyOf, type Filter, readFilters, readPage } from "../http/query.ts";
import type { Storage } from "../storage/database.ts";
import { type Condition, countRows, selectPage } from "../storage/page.ts";
import type { MembershipDocument } from "./document.ts";
import { parseMembership } from "./membership_store.ts";

/** A page of memberships, and the number of all that match. */
export interface MembershipPage {
  readonly memberships: readonly MembershipDocument[];
  readonly total: number;
}

/** Lists the memberships that a query asks for, newest first by default. */
export interface MembershipListing {
  ofInstance(query: URLSearchParams): Result<MembershipPage>;
  /** Takes the filter `user_id`. */
  ofOrganization(organizationId: string, query: URLSearchParams): Result<MembershipPage>;
  ofUser(userId: string, query: URLSearchParams): Result<MembershipPage>;
}

export function createMembershipListing(storage: Storage): MembershipListing {
  function list(
    query: URLSearchParams,
    always: readonly Condition[],
    filters: Readonly<Record<string, Filter>> = {},
  ): Result<MembershipPage> {
    const page = readPage(query, ["created_at"]);
    if (!page.ok) return page;
    const read = readFilters(query, filters);
    if (!read.ok) return read;
    const conditions = [...always, ...read.value];
    return succeed({
      memberships: selectPage(storage, "memberships", conditions, page.value)
        .map(({ document }) => parseMembership(document)),
      total: countRows(storage, "memberships", conditions),
    });
  }

  return {
    ofInstance: (query) => list(query, []),
    ofUser: (userId, query) => list(query, [{ sql: "user_id = ?", values: [userId] }]),
    ofOrganization: (organizationId, query) =>
      list(query, [{ sql: "organization_id = ?", values: [organizationId] }], {
        user_id: anyOf("user_id"),
      }),
  };
}
