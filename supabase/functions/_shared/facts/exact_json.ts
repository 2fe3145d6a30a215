/**
 * A number that a double cannot hold, digit for digit as sent. `JSON.stringify()` writes it as a
 * number again, so it can be used wherever a `Json` can.
 */
export type RawNumber = { readonly rawJSON: string };

// Deno 2.1.4 has these, but TypeScript does not declare them yet.
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

/**
 * Without a match, no number has 16 characters or an exponent, so a double holds each of them.
 * Strings may match too.
 */
const mayBeInexact = /(?:^|[:,[\s])-?(?:\d[\d.]{15}|[\d.]+e)/i;

/** An integer in any notation. A double holds it exactly if it is a safe integer. */
const integer = /^-?\d+(?:\.0+)?(?:e\+?\d+)?$/i;

/**
 * Parses JSON without rounding: a number that a double cannot hold becomes a RawNumber.
 *
 * @throws SyntaxError if the text is not JSON
 */
export function parseExactJson(text: string): unknown {
  if (!mayBeInexact.test(text)) return JSON.parse(text);
  return JSON.parse(text, (_key, value, { source }) => {
    if (typeof value !== "number" || source === undefined) return value;
    const exact = String(value) === source || (Number.isSafeInteger(value) && integer.test(source));
    return exact ? value : JSON.rawJSON(source);
  });
}
