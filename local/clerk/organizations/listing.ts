import { type Result, succeed } from "../http/errors.ts";
import { anyOf, type Filter, readFilters, readPage } from "../http/query.ts";
import type { Storage } from "../storage/database.ts";
import { countRows, selectPage } from "../storage/page.ts";
import type { OrganizationDocument } from "./document.ts";
import { parseOrganization } from "./store.ts";

const filters: Readonly<Record<string, Filter>> = {
  organization_id: anyOf("id"),
  // Matches part of the name or slug, in any case, or the whole id.
  query: (parameter, query) => {
    const text = query.get(parameter) ?? "";
    const pattern = `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
    return succeed({
      sql: "(name like ? escape '\\' or slug like ? escape '\\' or id = ?)",
      values: [pattern, pattern, text],
    });
  },
};

/** A page of organizations, and the number of all that match. */
export interface OrganizationPage {
  readonly organizations: readonly OrganizationDocument[];
  readonly total: number;
}

/** Lists the organizations that a query asks for. */
export type ListOrganizations = (query: URLSearchParams) => Result<OrganizationPage>;

export function createOrganizationListing(storage: Storage): ListOrganizations {
  return (query) => {
    const page = readPage(query, ["created_at"]);
    if (!page.ok) return page;
    const conditions = readFilters(query, filters, ["include_members_count"]);
    if (!conditions.ok) return conditions;
    return succeed({
      organizations: selectPage(storage, "organizations", conditions.value, page.value)
        .map(({ document }) => parseOrganization(document)),
      total: countRows(storage, "organizations", conditions.value),
    });
  };
}
