import { isRawNumber } from "./exact_json.ts";

/** JSON that jsonb accepts. Same as in database.types.ts, which facts must not import. */
export type Json =
  | string
  | number
  | boolean
  | null
  | { readonly [key: string]: Json | undefined }
  | Json[];

/** Levels: more than Clerk stores, fewer than PostgreSQL's stack allows. */
const deepest = 64;

const beyondNumeric = "Number is beyond PostgreSQL's numeric";

/** Makes text storable in PostgreSQL: NUL characters and lone surrogates become U+FFFD. */
export function storableText(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\uFFFD");
}

/** Called with the reason if a value cannot be stored. */
export type Refuse = (problem: string) => void;

/**
 * Makes a value from parseExactJson() storable as jsonb, keys included.
 *
 * @returns undefined if it is refused: nested more than 64 levels deep, or with a number that is
 * beyond PostgreSQL's `numeric`
 */
export function storableJson(value: unknown, refuse: Refuse, depth = 0): Json | undefined {
  if (depth > deepest) return void refuse("Nested too deeply");
  if (typeof value === "string") return storableText(value);
  if (typeof value === "boolean") return value;
  if (typeof value === "number") return Number.isFinite(value) ? value : void refuse(beyondNumeric);
  if (isRawNumber(value)) return isNumeric(value.rawJSON) ? value : void refuse(beyondNumeric);
  if (typeof value !== "object" || value === null) return null;
  if (Array.isArray(value)) {
    const items = value.map((item) => storableJson(item, refuse, depth + 1));
    return items.every(isStorable) ? items : undefined;
  }
  const entries = Object.entries(value).map(([key, item]) =>
    [storableText(key), storableJson(item, refuse, depth + 1)] as const
  );
  if (entries.some(([, item]) => item === undefined)) return undefined;
  // Defines own properties, so that a key named __proto__ stays a key.
  return Object.fromEntries(entries);
}

/** Whether `numeric` holds it: up to 131,072 digits before the point, 16,383 after it. */
function isNumeric(number: string): boolean {
  const [, integer = "", fraction = "", exponent = "0"] =
    /^-?(\d+)(?:\.(\d+))?(?:e([+-]?\d+))?$/i.exec(number) ?? [];
  const shift = Number(exponent);
  const leadingZeros = (integer + fraction).search(/[1-9]/);
  const before = leadingZeros < 0 ? 0 : integer.length - leadingZeros + shift;
  return Math.abs(shift) < 1_000_000 && before <= 131_072 && fraction.length - shift <= 16_383;
}

function isStorable(value: Json | undefined): value is Json {
  return value !== undefined;
}
