import { clerkErrors, done, type Outcome, refused } from "./errors.ts";
import { anyOf, type Condition, type FilterReader, like, readFilters, time } from "./filters.ts";

/** Reads the filters that `GET /v1/users` and `GET /v1/users/count` share. */
export function readUserFilters(query: URLSearchParams): Outcome<Condition[]> {
  return readFilters(READERS, query);
}

const READERS: FilterReader[] = [
  anyOf("user_id", "id in (VALUES)", { signed: true }),
  anyOf("email_address", holderOf("email_address"), { lowerCase: true }),
  anyOf("phone_number", holderOf("phone_number")),
  anyOf("username", holderOf("username"), { lowerCase: true }),
  anyOf("external_id", holderOf("external_id"), { signed: true }),
  // Nobody has one here: web3 wallets and accounts of other providers are not kept.
  anyOf("web3_wallet", "id is null and id in (VALUES)"),
  anyOf("provider_user_id", "id is null and id in (VALUES)"),
  like("email_address_query", holderLike("email_address")),
  like("phone_number_query", holderLike("phone_number")),
  like("username_query", holderLike("username")),
  like(
    "name_query",
    "first_name || ' ' || last_name like ?1 or first_name like ?1 or last_name like ?1",
  ),
  like(
    "query",
    "id in (select user_id from identifiers where kind <> 'external_id' and value like ?1)" +
      " or id like ?1 or first_name like ?1 or last_name like ?1" +
      " or first_name || ' ' || last_name like ?1",
  ),
  banned,
  time("created_at_before", "created_at < ?"),
  time("created_at_after", "created_at > ?"),
  time("last_active_at_before", "last_active_at < ?"),
  time("last_active_at_after", "last_active_at > ?"),
  time("last_active_at_since", "last_active_at >= ?"),
  time("last_sign_in_at_before", "last_sign_in_at < ?"),
  time("last_sign_in_at_after", "last_sign_in_at > ?"),
];

function holderOf(kind: string): string {
  return `id in (select user_id from identifiers where kind = '${kind}' and value in (VALUES))`;
}

function holderLike(kind: string): string {
  return `id in (select user_id from identifiers where kind = '${kind}' and value like ?1)`;
}

function banned(query: URLSearchParams): Outcome<Condition[]> {
  const text = query.get("banned");
  if (text === null) return done([]);
  if (text !== "true" && text !== "false") {
    return refused(clerkErrors.parameterTypeInvalid("banned", "boolean"));
  }
  return done([{ sql: "banned = ?", values: [Number(text === "true")] }]);
}
