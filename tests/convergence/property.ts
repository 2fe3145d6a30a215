import fc from "fast-check";
import { z } from "zod";
import { printedSeed } from "../support/random.ts";
import type { Replay } from "./history.ts";
import { replay } from "./random_history.ts";

/** Which histories to replay, and how many. */
export interface Choice {
  readonly seed: number;
  readonly histories: number;
}

const number = z.coerce.number().int().positive();

/** Reads SEED and HISTORIES from the environment, with a new seed as the default. Prints the choice. */
export function chooseHistories(usually = 2_000): Choice {
  const histories = number.default(usually).parse(Deno.env.get("HISTORIES"));
  return { seed: printedSeed(`${histories} histories`), histories };
}

/** Histories replayed side by side. The number is the same wherever a seed is printed, so that it repeats. */
export const bundleSize = 50;

/** Only shrinking empties slots, until one failing history of the bundle remains. */
function bundleOf(size: number) {
  return fc.array(fc.option(replay, { nil: undefined, freq: 1_000_000 }), {
    minLength: size,
    maxLength: size,
  });
}

/** The result of a check: how many histories were replayed, and the smallest that fails. */
export interface Verdict {
  readonly histories: number;
  readonly failure?: { readonly error: unknown; readonly replays: readonly Replay[] };
}

/** How to look for a failure, if not in the usual way. */
export interface Search {
  /** Milliseconds that shrinking a failure may take. */
  readonly patience?: number;
  /** How many histories are replayed side by side. */
  readonly size?: number;
}

/**
 * Replays random histories, a bundle at a time, until one fails or all are done. A failure is shrunk.
 *
 * @param check throws if a history does not end as it must
 */
export async function checkHistories(
  { seed, histories }: Choice,
  check: (replays: readonly Replay[]) => Promise<void>,
  { patience = 30_000, size = bundleSize }: Search = {},
): Promise<Verdict> {
  let failedAt: number | undefined;
  const property = fc.asyncProperty(bundleOf(size), async (slots) => {
    if (failedAt !== undefined && Date.now() > failedAt + patience) return;
    try {
      await check(slots.filter((slot) => slot !== undefined));
    } catch (error) {
      failedAt ??= Date.now();
      throw error;
    }
  });
  const result = await fc.check(property, {
    seed,
    numRuns: Math.ceil(histories / size),
    // Otherwise, all that a failure could be shrunk to is made even when nothing of it is checked.
    endOnFailure: patience === 0,
  });
  if (!result.failed) return { histories: result.numRuns * size };
  return {
    histories: result.numRuns * size,
    failure: {
      error: result.errorInstance,
      replays: result.counterexample?.[0].filter((slot) => slot !== undefined) ?? [],
    },
  };
}

/** Throws a verdict's failure, with the variables that repeat it. */
export function assertHolds({ failure }: Verdict, { seed, histories }: Choice): void {
  if (!failure) return;
  const replays = failure.replays.map((least) => JSON.stringify(least, null, 1)).join("\n");
  throw new Error(
    `SEED=${seed} HISTORIES=${histories} finds a history that ends wrong. The smallest one:\n${replays}`,
    { cause: failure.error },
  );
}
