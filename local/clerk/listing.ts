import { clerkErrors, done, type Outcome, refused } from "./errors.ts";

const DEFAULT_LIMIT = 10;
const MAXIMUM_LIMIT = 500;

/** The page that a list request asks for. */
export interface Page {
  limit: number;
  offset: number;
}

/** Reads `limit` (1 to 500, default 10) and `offset` (default 0). */
export function readPage(query: URLSearchParams): Outcome<Page> {
  const limit = readInteger(query, "limit", DEFAULT_LIMIT);
  if (!limit.ok) return limit;
  const offset = readInteger(query, "offset", 0);
  if (!offset.ok) return offset;
  if (limit.value < 1) {
    return refused(clerkErrors.parameterValueInvalid("limit", "limit must be at least 1"));
  }
  if (limit.value > MAXIMUM_LIMIT) {
    return refused(clerkErrors.parameterValueTooLarge("limit", MAXIMUM_LIMIT));
  }
  return done({ limit: limit.value, offset: offset.value });
}

/** Reads a whole number that is not negative. */
export function readInteger(
  query: URLSearchParams,
  parameter: string,
  otherwise: number,
): Outcome<number> {
  const text = query.get(parameter);
  if (text === null) return done(otherwise);
  if (/^\d{1,15}$/.test(text)) return done(Number(text));
  return refused(
    clerkErrors.parameterFormatInvalid(parameter, `${parameter} must be a non-negative integer`),
  );
}

/** A value with its sign, `+` where it has none. A plain `+` in a query arrives as a space. */
export function readSigned(text: string): { ascending: boolean; value: string } {
  const sign = text.at(0);
  if (sign === "-") return { ascending: false, value: text.slice(1) };
  if (sign === "+" || sign === " ") return { ascending: true, value: text.slice(1) };
  return { ascending: true, value: text };
}

/** What a list is sorted by. */
export interface Order {
  ascending: boolean;
  value: string;
}

/** Reads `order_by`, one of the keys of `orderings`; newest first where it is absent. */
export function readOrder(
  query: URLSearchParams,
  orderings: Record<string, string>,
): Outcome<Order> {
  const order = readSigned(query.get("order_by") ?? "-created_at");
  if (Object.hasOwn(orderings, order.value)) return done(order);
  const allowed = Object.keys(orderings).join(", ");
  return refused(clerkErrors.parameterValueInvalid(
    "order_by",
    `${order.value} does not match the allowed values for parameter order_by. Allowed values: ${allowed}`,
  ));
}
