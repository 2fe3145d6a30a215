import { z } from "zod";
import { fixtureOf } from "./fixtures.ts";
import type { RestAnswer } from "./rest.ts";

/** The fixture's rows, by key. */
export type Rows = ReadonlyMap<string, string>;

/** Keys of the rows that differ between two readings. */
export function changedKeys(before: Rows, after: Rows): string[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((key) => before.get(key) !== after.get(key));
}

/** Keys of the rows that an answer shows. */
export function shownKeys(table: string, { body }: RestAnswer): string[] {
  const { key } = fixtureOf(table);
  const rows = z.array(z.record(z.string(), z.unknown())).safeParse(body).data ?? [];
  return rows.map((row) => String(row[key]));
}

/** How many rows an answer's Content-Range counts. A refusal has none. */
export function nameCount({ summary, headers }: RestAnswer): string {
  const total = /\/(\d+)$/.exec(headers.get("content-range") ?? "")?.[1];
  if (total === undefined && summary.startsWith("2")) return "not counted";
  return Number(total ?? 0) === 0 ? "no row" : `${total} counted`;
}

/** The rows in the words of the expected table. */
export function nameRows(table: string, keys: readonly string[], own: readonly string[]): string {
  const [only] = keys;
  if (only === undefined) return "no row";
  if (keys.length > 1) {
    return keys.length === fixtureOf(table).keys.length ? "every row" : `${keys.length} rows`;
  }
  if (only === fixtureOf(table).newKey) return "a new row";
  return own.includes(only) ? "own row" : "a row";
}
