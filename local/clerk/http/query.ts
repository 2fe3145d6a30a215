import type { Condition, Page } from "../storage/page.ts";
import { clerkErrors, type Result, succeed } from "./errors.ts";

const defaultLimit = 10;
const maximumLimit = 500;
/** How often a parameter may be repeated. */
const maximumValues = 100;

/** Makes a condition of a parameter's values in a query. */
export type Filter = (parameter: string, query: URLSearchParams) => Result<Condition>;

/** Parameters that every list takes. */
const pageParameters = ["limit", "offset", "order_by"];

/**
 * Reads the filters of a list, all of which must hold. Refuses a parameter that is neither a filter nor
 * one of `others`: if it ignored a filter, the answer would show too much.
 */
export function readFilters(
  query: URLSearchParams,
  filters: Readonly<Record<string, Filter>>,
  others: readonly string[] = [],
): Result<Condition[]> {
  const conditions: Condition[] = [];
  for (const parameter of new Set(query.keys())) {
    if (pageParameters.includes(parameter) || others.includes(parameter)) continue;
    const filter = Object.hasOwn(filters, parameter) ? filters[parameter] : undefined;
    if (!filter) return clerkErrors.parameterUnknown(parameter);
    const condition = filter(parameter, query);
    if (!condition.ok) return condition;
    conditions.push(condition.value);
  }
  return succeed(conditions);
}

/** A parameter that may be repeated. `column` must have one of the values. */
export function anyOf(column: string): Filter {
  return (parameter, query) => {
    const values = query.getAll(parameter);
    if (values.length > maximumValues) {
      return clerkErrors.parameterTooMany(parameter, maximumValues);
    }
    return succeed({ sql: `${column} in (${values.map(() => "?").join(", ")})`, values });
  };
}

/** A time in milliseconds since the epoch. It becomes the value of the placeholder in `sql`. */
export function time(sql: string): Filter {
  return (parameter, query) => {
    const bound = readInteger(query, parameter, 0);
    return bound.ok ? succeed({ sql, values: [bound.value] }) : bound;
  };
}

/**
 * Reads `limit` (1 to 500, default 10), `offset` (default 0) and `order_by`: one of `columns`, with `-` for
 * descending. The default order is newest first.
 */
export function readPage(query: URLSearchParams, columns: readonly string[]): Result<Page> {
  const limit = readInteger(query, "limit", defaultLimit);
  if (!limit.ok) return limit;
  const offset = readInteger(query, "offset", 0);
  if (!offset.ok) return offset;
  if (limit.value < 1) {
    return clerkErrors.parameterValueInvalid("limit", "limit must be at least 1");
  }
  if (limit.value > maximumLimit) {
    return clerkErrors.parameterValueTooLarge("limit", maximumLimit);
  }
  const order = query.get("order_by") ?? "-created_at";
  // A plain + in a query arrives as a space.
  const column = order.replace(/^[-+ ]/, "");
  if (!columns.includes(column)) {
    return clerkErrors.parameterValueInvalid(
      "order_by",
      `${column} does not match the allowed values for parameter order_by. Allowed values: ${
        columns.join(", ")
      }`,
    );
  }
  return succeed({
    column,
    ascending: !order.startsWith("-"),
    limit: limit.value,
    offset: offset.value,
  });
}

/** Reads a non-negative integer. */
function readInteger(
  query: URLSearchParams,
  parameter: string,
  otherwise: number,
): Result<number> {
  const text = query.get(parameter);
  if (text === null) return succeed(otherwise);
  if (/^\d{1,15}$/.test(text)) return succeed(Number(text));
  return clerkErrors.parameterFormatInvalid(
    parameter,
    `${parameter} must be a non-negative integer`,
  );
}
