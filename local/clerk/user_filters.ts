import type { SQLInputValue } from "node:sqlite";
import { clerkErrors, done, type Outcome, refused } from "./errors.ts";
import { readInteger, readSigned } from "./listing.ts";

const MAXIMUM_VALUES = 100;

/** A part of a `where` clause over `users`. */
export interface Condition {
  sql: string;
  values: SQLInputValue[];
}

type Reader = (query: URLSearchParams) => Outcome<Condition[]>;

/** Reads the filters that `GET /v1/users` and `GET /v1/users/count` share. */
export function readUserFilters(query: URLSearchParams): Outcome<Condition[]> {
  const conditions: Condition[] = [];
  for (const read of READERS) {
    const outcome = read(query);
    if (!outcome.ok) return outcome;
    conditions.push(...outcome.value);
  }
  return done(conditions);
}

const READERS: Reader[] = [
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

/** A repeated parameter. With `signed`, `-` before a value excludes whoever has it. */
function anyOf(
  parameter: string,
  sql: string,
  options: { signed?: boolean; lowerCase?: boolean } = {},
): Reader {
  return (query) => {
    const given = query.getAll(parameter);
    if (given.length > MAXIMUM_VALUES) {
      return refused(clerkErrors.parameterTooMany(parameter, MAXIMUM_VALUES));
    }
    const signed = given.map((text) =>
      options.signed ? readSigned(text) : { ascending: true, value: text }
    );
    const among = (included: boolean) =>
      signed.filter(({ ascending }) => ascending === included)
        .map(({ value }) => options.lowerCase ? value.toLowerCase() : value);
    const condition = (prefix: string, values: string[]) => {
      const places = values.map(() => "?").join(", ");
      return { sql: `${prefix}(${sql.replace("VALUES", places)})`, values };
    };
    const included = among(true);
    const excluded = among(false);
    return done([
      ...(included.length > 0 ? [condition("", included)] : []),
      ...(excluded.length > 0 ? [condition("not ", excluded)] : []),
    ]);
  };
}

/** A partial match without regard to case. `sql` names the pattern `?1` as often as it needs. */
function like(parameter: string, sql: string): Reader {
  return (query) => {
    const text = query.get(parameter);
    if (text === null || text === "") return done([]);
    const pattern = `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
    const escaped = sql.replaceAll("?1", "? escape '\\'");
    const values = Array.from(sql.matchAll(/\?1/g), () => pattern);
    return done([{ sql: `(${escaped})`, values }]);
  };
}

function banned(query: URLSearchParams): Outcome<Condition[]> {
  const text = query.get("banned");
  if (text === null) return done([]);
  if (text !== "true" && text !== "false") {
    return refused(clerkErrors.parameterTypeInvalid("banned", "boolean"));
  }
  return done([{ sql: "banned = ?", values: [Number(text === "true")] }]);
}

/** A bound in milliseconds since the Unix epoch. */
function time(parameter: string, sql: string): Reader {
  return (query) => {
    if (!query.has(parameter)) return done([]);
    const bound = readInteger(query, parameter, 0);
    return bound.ok ? done([{ sql, values: [bound.value] }]) : bound;
  };
}
