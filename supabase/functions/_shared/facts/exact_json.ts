/**
 * A number that a double cannot hold, digit for digit as it was sent. `JSON.stringify()` writes it as a
 * number again, so it may stand wherever a `Json` may.
 */
export type RawNumber = { readonly rawJSON: string };

// TypeScript does not know them yet; the engine of Deno 2.1.4 does.
declare global {
  interface JSON {
    rawJSON(text: string): RawNumber;
    isRawJSON(value: unknown): value is RawNumber;
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

export function isRawNumber(value: unknown): value is RawNumber {
  return JSON.isRawJSON(value);
}

/** Where no number has 16 characters or an exponent, every number is a double. Strings may match too. */
const mayBeInexact = /(?:^|[:,[\s])-?(?:\d[\d.]{15}|[\d.]+e)/i;

/** An integer, in one form or another: a double holds it where it holds it safely. */
const integer = /^-?\d+(?:\.0+)?(?:e\+?\d+)?$/i;

/**
 * Parses JSON without rounding: a number that a double cannot hold becomes a RawNumber.
 *
 * @throws SyntaxError where the text is not JSON
 */
export function parseExactJson(text: string): unknown {
  if (!mayBeInexact.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, { source }) => {
    if (typeof value !== "number" || source === undefined) return value;
    const exact = String(value) === source || (Number.isSafeInteger(value) && integer.test(source));
    return exact ? value : JSON.rawJSON(source);
  });
}
