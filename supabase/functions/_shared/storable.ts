import type { Json } from "./database.types.ts";

/** Deeper than anything Clerk stores, shallower than what PostgreSQL's stack takes. */
const deepest = 64;

/** Text as PostgreSQL takes it: NUL characters and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/**
 * A parsed JSON value as jsonb takes it, keys included.
 *
 * @returns undefined where the value is nested more than 64 levels deep
 */
export function storableJson(value: unknown, depth = 0): Json | undefined {
  if (depth > deepest) return undefined;
  if (typeof value === "string") return storableText(value);
  if (typeof value === "number" || typeof value === "boolean") return value;
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) {
    const items = value.map((item) => storableJson(item, depth + 1));
    return items.every(isStorable) ? items : undefined;
  }
  const entries = Object.entries(value).map(([key, item]) =>
    [storableText(key), storableJson(item, depth + 1)] as const
  );
  if (entries.some(([, item]) => item === undefined)) return undefined;
  // Defines own properties, so that a key named __proto__ stays a key.
  return Object.fromEntries(entries);
}

function isStorable(value: Json | undefined): value is Json {
  return value !== undefined;
}
