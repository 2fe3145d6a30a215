import { z } from "zod";
import { createPrinter } from "../../local/printer.ts";

/** Random choices that can be repeated with their seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number in [0, limit). */
  below(limit: number): number;
  chance(probability: number): boolean;
  pick<T>(items: readonly [T, ...T[]] | readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** Twelve letters that no other call is likely to return. */
  token(): string;
  /** Another sequence, determined by this one's seed and the number. */
  fork(number: number): Random;
}

/** The seed in SEED, or a new one. It is printed, so that a failure can be repeated. */
export function printedSeed(test: string): number {
  const seed = z.coerce.number().int().default(newSeed).parse(Deno.env.get("SEED"));
  createPrinter().line(`${test}: SEED=${seed}`);
  return seed;
}

/** A random seed. */
export function newSeed(): number {
  return 1 + Math.floor(Math.random() * (2 ** 31 - 1));
}

/** The same seed gives the same choices on every machine. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;

  // Mulberry32.
  function next(): number {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
  const below = (limit: number) => Math.floor(next() * limit);

  function shuffled<T>(items: readonly T[]): T[] {
    const left = [...items];
    return items.flatMap(() => left.splice(below(left.length), 1));
  }

  return {
    next,
    below,
    shuffled,
    chance: (probability) => next() < probability,
    pick: (items) => {
      const item = items[below(items.length)];
      if (item === undefined) throw new Error("Give pick() at least one item");
      return item;
    },
    token: () => Array.from({ length: 12 }, () => String.fromCharCode(97 + below(26))).join(""),
    fork: (number) => seededRandom(Math.imul(seed ^ 0x9e3779b9, number + 1)),
  };
}
