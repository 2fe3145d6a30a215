/** What happens to a few users, organizations and memberships, and how the database learns of it. */
import type { Content } from "./contents.ts";
import type { Subject } from "./subject.ts";

/** A state at Clerk. Times are milliseconds since the epoch. */
export interface State {
  readonly updatedAt: number;
  /** Only users have one. */
  readonly lastSignInAt: number | null;
  readonly content: Content;
  /** Whether Clerk's object names its user. A membership may leave it out. */
  readonly namesUser: boolean;
}

/** One thing that happens, and how it reaches the database. */
export type Item = StateItem | DeletionItem | GoneItem | InvalidItem | WriteItem;

export interface StateItem {
  readonly kind: "state";
  readonly subject: Subject;
  readonly source: "created" | "updated" | "Backend API";
  readonly state: State;
}

/** A deletion's event. Its timestamp is in one of Clerk's two units. */
export interface DeletionItem {
  readonly kind: "deletion";
  readonly subject: Subject;
  readonly at: number;
  readonly unit: 1 | 1000;
  /** The last state, which only a membership's event carries. */
  readonly last: State | null;
}

/** users-sync finds no such user at Clerk. */
export interface GoneItem {
  readonly kind: "gone";
  readonly subject: Subject;
}

/** A signed event that does not match Clerk's specification. */
export interface InvalidItem {
  readonly kind: "invalid";
  readonly subject: Subject;
  readonly flaw: Flaw;
}

/** The application writes to the row as soon as there is one. */
export interface WriteItem {
  readonly kind: "write";
  readonly subject: Subject;
  readonly deactivate: boolean;
}

/** What is wrong with an event. "unstorable": the database must refuse the fact. */
export type Flaw = typeof flaws[number];
export const flaws = ["no updated_at", "no id", "no JSON", "unstorable"] as const;

export type History = readonly Item[];

/** How a history reaches the database. Its lists repeat from the start as often as needed. */
export interface Plan {
  /** Items are delivered in the order of their keys. */
  readonly keys: readonly number[];
  /** Items that come twice, by number. `anew`: the second time has another svix-id. */
  readonly again: readonly { readonly item: number; readonly anew: boolean }[];
  /** Sizes of batches. */
  readonly batches: readonly number[];
  /** How many writers share the batches. */
  readonly writers: number;
}

/** The most writers that a plan has. */
export const mostWriters = 4;

/** A history and three plans: one with a single writer, one with any number, one with several. */
export interface Replay {
  readonly history: History;
  readonly plans: readonly Plan[];
}
