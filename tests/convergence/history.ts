/** What is told of a few users, organizations and memberships, and the ways in which it reaches the database. */
import type { Content } from "./contents.ts";
import type { Subject } from "./subject.ts";

/** A state at Clerk. Times are milliseconds since the epoch. */
export interface State {
  readonly updatedAt: number;
  /** Users alone have one. */
  readonly lastSignInAt: number | null;
  readonly content: Content;
  /** Whether Clerk's object tells whose it is: a membership's may leave its user out. */
  readonly namesUser: boolean;
}

/** What there is to be known, and how it comes. */
export type Item = StateItem | DeletionItem | GoneItem | InvalidItem | WriteItem;

export interface StateItem {
  readonly kind: "state";
  readonly subject: Subject;
  readonly source: "created" | "updated" | "Backend API";
  readonly state: State;
}

/** The event of a deletion; its timestamp is in either of Clerk's two units. */
export interface DeletionItem {
  readonly kind: "deletion";
  readonly subject: Subject;
  readonly at: number;
  readonly unit: 1 | 1000;
  /** The last state, which a membership's event has with it. */
  readonly last: State | null;
}

/** users-sync finds no such user at Clerk. */
export interface GoneItem {
  readonly kind: "gone";
  readonly subject: Subject;
}

/** A signed event that is not as Clerk describes it. */
export interface InvalidItem {
  readonly kind: "invalid";
  readonly subject: Subject;
  readonly flaw: Flaw;
}

/** The application writes to the row, once there is one. */
export interface WriteItem {
  readonly kind: "write";
  readonly subject: Subject;
  readonly deactivate: boolean;
}

/** What is wrong with an event. `unstorable`: in the form of a fact, the database has to refuse it. */
export type Flaw = typeof flaws[number];
export const flaws = ["no updated_at", "no id", "no JSON", "unstorable"] as const;

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

/** Most writers that a plan has. */
export const mostWriters = 4;

/** A history and three plans: one with a single writer, one with any number, one with several. */
export interface Replay {
  readonly history: History;
  readonly plans: readonly Plan[];
}
