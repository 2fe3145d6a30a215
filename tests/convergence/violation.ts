import { isDeepStrictEqual } from "node:util";

/** The properties that every history must have. */
export type Property =
  | "no call fails"
  | "the row matches the model"
  | "every plan leaves the same row"
  | "each item has the right outcome"
  | "a repetition changes nothing"
  | "the ledger counts every delivery";

/** Thrown when a history violates a property. */
export class Violation extends Error {
  override readonly name = "Violation";
  constructor(readonly property: Property, details: string) {
    super(`Not so: ${property}\n${details}`);
  }
}

/** Throws a Violation if the two differ. */
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
