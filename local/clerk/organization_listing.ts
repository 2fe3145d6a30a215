import { z } from "zod";
import { done, type Outcome } from "./errors.ts";
import { allOf, anyOf, type FilterReader, like, readFilters } from "./filters.ts";
import { readOrder, readPage } from "./listing.ts";
import type { OrganizationDocument } from "./organization_document.ts";
import { parseOrganization } from "./organization_store.ts";
import type { Storage } from "./storage.ts";

/** What each `order_by` sorts by. */
const ORDERINGS: Record<string, string> = {
  name: "name",
  "created_at": "created_at",
  "members_count":
    "(select count(*) from memberships where memberships.organization_id = organizations.id)",
};

const matchesName = like("query", "name like ?1 or slug like ?1");

const FILTERS: FilterReader[] = [
  anyOf("organization_id", "id in (VALUES)", { signed: true }),
  anyOf("user_id", "id in (select organization_id from memberships where user_id in (VALUES))", {
    signed: true,
  }),
  // A partial match of name and slug, an exact one of the id.
  (query) => {
    const matching = matchesName(query);
    const id = query.get("query");
    if (!matching.ok || id === null) return matching;
    return done(matching.value.map(({ sql, values }) => ({
      sql: `(${sql} or id = ?)`,
      values: [...values, id],
    })));
  },
];

/** Lists organizations as a query asks for. */
export interface OrganizationListing {
  list(query: URLSearchParams): Outcome<{ organizations: OrganizationDocument[]; total: number }>;
}

/** Lists organizations in SQL. */
export function createOrganizationListing(storage: Storage): OrganizationListing {
  return {
    list(query) {
      const page = readPage(query);
      if (!page.ok) return page;
      const order = readOrder(query, ORDERINGS);
      if (!order.ok) return order;
      const filters = readFilters(FILTERS, query);
      if (!filters.ok) return filters;
      const { sql, values } = allOf(filters.value);
      const direction = order.value.ascending ? "asc" : "desc";
      const rows = storage.all(
        `select document from organizations where ${sql}
         order by ${ORDERINGS[order.value.value]} ${direction}, id ${direction} limit ? offset ?`,
        ...values,
        page.value.limit,
        page.value.offset,
      );
      const counted = storage.get(
        `select count(*) as total from organizations where ${sql}`,
        ...values,
      );
      return done({
        organizations: rows.map(({ document }) => parseOrganization(document)),
        total: z.object({ total: z.int() }).parse(counted).total,
      });
    },
  };
}
