import { isDeepStrictEqual } from "node:util";

/** What the histories hold the database to. */
export type Property =
  | "no call fails"
  | "the row is the model's"
  | "every plan leaves the same row"
  | "each item has the outcome that it should"
  | "a repetition touches nothing"
  | "the ledger counts every delivery";

/** A property that a history shows not to hold. */
export class Violation extends Error {
  override readonly name = "Violation";
  constructor(readonly property: Property, details: string) {
    super(`Not so: ${property}\n${details}`);
  }
}

/** Throws where the two differ. */
export function expect(
  property: Property,
  where: string,
  { actual, expected }: { readonly actual: unknown; readonly expected: unknown },
): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Violation(
    property,
    `${where}\n  expected ${JSON.stringify(expected)}\n  actual   ${JSON.stringify(actual)}`,
  );
}
