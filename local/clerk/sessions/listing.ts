import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import { readFilters, readPage } from "../http/query.ts";
import { sessionDocument } from "./document.ts";
import type { SessionFilter } from "./store.ts";

/** Reads `user_id`, without which Clerk deprecates the list, `status`, `limit` and `offset`. */
export function readSessionFilter(query: URLSearchParams): Result<SessionFilter> {
  const known = readFilters(query, {}, ["user_id", "status"]);
  if (!known.ok) return known;
  const page = readPage(query, ["created_at"]);
  if (!page.ok) return page;
  const userId = query.get("user_id");
  if (userId === null) return clerkErrors.parameterMissing("user_id");
  const status = sessionDocument.shape.status.optional().safeParse(
    query.get("status") ?? undefined,
  );
  if (!status.success) return clerkErrors.parameterValueInvalid("status", "status is invalid");
  const { limit, offset } = page.value;
  return succeed({ userId, status: status.data, limit, offset });
}
