/** Random histories of a few users, and random ways in which they may reach the database. */
import fc from "fast-check";
import { type Content, parts } from "./contents.ts";

/** A state of a user at Clerk. Times are milliseconds since the epoch. */
export interface State {
  readonly updatedAt: number;
  readonly lastSignInAt: number | null;
  readonly content: Content;
}

/** What there is to be known about a user, and how it comes. `user` counts from 0. */
export type Item =
  | StateItem
  /** The event user.deleted; its timestamp is in either of Clerk's two units. */
  | {
    readonly kind: "deletion";
    readonly user: number;
    readonly at: number;
    readonly unit: 1 | 1000;
  }
  /** users-sync finds no such user at Clerk. */
  | { readonly kind: "gone"; readonly user: number }
  /** A signed event that is not as Clerk describes it. */
  | { readonly kind: "invalid"; readonly user: number; readonly flaw: Flaw }
  /** The application writes to the row, once there is one. */
  | { readonly kind: "write"; readonly user: number; readonly deactivate: boolean };

export interface StateItem {
  readonly kind: "state";
  readonly user: number;
  readonly source: "user.created" | "user.updated" | "Backend API";
  readonly state: State;
}

/** What is wrong with an event. `unstorable`: in the form of a fact, the database has to refuse it. */
export type Flaw = typeof flaws[number];
const flaws = ["no updated_at", "no id", "no JSON", "unstorable"] as const;

export type History = readonly Item[];

/** How a history reaches the database. Lists are used round and round. */
export interface Plan {
  /** Items are delivered in the order of these. */
  readonly keys: readonly number[];
  /** Items that come twice, by number; `anew`: with another svix-id the second time. */
  readonly again: readonly { readonly item: number; readonly anew: boolean }[];
  /** Sizes of batches. */
  readonly batches: readonly number[];
  /** How many writers share them. */
  readonly writers: number;
}

/** A history and three plans: one with a single writer, one with any number, one with several. */
export interface Replay {
  readonly history: History;
  readonly plans: readonly Plan[];
}

const day = 86_400_000;
/** In whole seconds, so that a deletion can be given in seconds. */
const start = Date.parse("2026-02-01T00:00:00Z");
const mostUsers = 4;
/** Most writers that a plan has. */
export const mostWriters = 4;

const updatedAt = fc.constantFrom(start, start + 1, start + 1000, start + day);
const lastSignInAt = fc.oneof(
  { weight: 3, arbitrary: fc.constant(null) },
  { weight: 2, arbitrary: fc.constantFrom(start - day, start - day + 1) },
);
// Mostly the plainest choice: contents are then often equal, or differ in one column.
const content = fc.tuple(...parts.map((choices) =>
  fc.oneof(
    { weight: 5, arbitrary: fc.constant(0) },
    { weight: 1, arbitrary: fc.nat(choices.length - 1) },
  )
));
const state = fc.record({ updatedAt, lastSignInAt, content });
const flaw = fc.oneof(
  { weight: 12, arbitrary: fc.constantFrom(...flaws.slice(0, 3)) },
  { weight: 1, arbitrary: fc.constant<Flaw>("unstorable") },
);

function item(users: number): fc.Arbitrary<Item> {
  const user = fc.nat(users - 1);
  return fc.oneof(
    {
      weight: 24,
      arbitrary: fc.record({
        kind: fc.constant("state" as const),
        user,
        source: fc.constantFrom(
          "user.updated" as const,
          "user.created" as const,
          "Backend API" as const,
        ),
        state,
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant("deletion" as const),
        user,
        at: fc.constantFrom(start, start + 1000, start + day),
        unit: fc.constantFrom(1 as const, 1000 as const),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constant("gone" as const), user }) },
    { weight: 2, arbitrary: fc.record({ kind: fc.constant("invalid" as const), user, flaw }) },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constant("write" as const),
        user,
        deactivate: fc.oneof(
          { weight: 4, arbitrary: fc.constant(false) },
          { weight: 1, arbitrary: fc.constant(true) },
        ),
      }),
    },
  );
}

const history: fc.Arbitrary<History> = fc.integer({ min: 1, max: mostUsers }).chain((users) =>
  fc.array(item(users), { minLength: 1, maxLength: 14, size: "max" })
);

function plan(fewestWriters: number, mostWriters: number): fc.Arbitrary<Plan> {
  return fc.record({
    keys: fc.array(fc.nat(9), { minLength: 1, maxLength: 20, size: "max" }),
    again: fc.array(fc.record({ item: fc.nat(13), anew: fc.boolean() }), {
      maxLength: 5,
      size: "max",
    }),
    batches: fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 3 }),
    writers: fc.integer({ min: fewestWriters, max: mostWriters }),
  });
}

export const replay: fc.Arbitrary<Replay> = fc.record({
  history,
  plans: fc.tuple(plan(1, 1), plan(1, mostWriters), plan(2, mostWriters)),
});
