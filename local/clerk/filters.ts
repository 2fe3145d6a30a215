import type { SQLInputValue } from "node:sqlite";
import { clerkErrors, done, type Outcome, refused } from "./errors.ts";
import { readInteger, readSigned } from "./listing.ts";

const MAXIMUM_VALUES = 100;

/** A part of a `where` clause. */
export interface Condition {
  sql: string;
  values: SQLInputValue[];
}

/** Reads what a query says about one filter. */
export type FilterReader = (query: URLSearchParams) => Outcome<Condition[]>;

/** Reads several filters, all of which must hold. */
export function readFilters(
  readers: readonly FilterReader[],
  query: URLSearchParams,
): Outcome<Condition[]> {
  const conditions: Condition[] = [];
  for (const read of readers) {
    const outcome = read(query);
    if (!outcome.ok) return outcome;
    conditions.push(...outcome.value);
  }
  return done(conditions);
}

/** All conditions as one. */
export function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(" and ") || "true",
    values: conditions.flatMap(({ values }) => values),
  };
}

/** A repeated parameter. With `signed`, `-` before a value excludes whoever has it. */
export function anyOf(
  parameter: string,
  sql: string,
  options: { signed?: boolean; lowerCase?: boolean } = {},
): FilterReader {
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
export function like(parameter: string, sql: string): FilterReader {
  return (query) => {
    const text = query.get(parameter);
    if (text === null || text === "") return done([]);
    const pattern = `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
    const escaped = sql.replaceAll("?1", "? escape '\\'");
    const values = Array.from(sql.matchAll(/\?1/g), () => pattern);
    return done([{ sql: `(${escaped})`, values }]);
  };
}

/** A bound in milliseconds since the Unix epoch. */
export function time(parameter: string, sql: string): FilterReader {
  return (query) => {
    if (!query.has(parameter)) return done([]);
    const bound = readInteger(query, parameter, 0);
    return bound.ok ? done([{ sql, values: [bound.value] }]) : bound;
  };
}
