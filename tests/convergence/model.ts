/**
 * What is right, said once more and independently of the SQL: the merge of facts is the newest state and the
 * earliest deletion, whatever the order, and a membership ends with its organization and with its user.
 */
import { columnsOf } from "./contents.ts";
import type { History, Item, State } from "./history.ts";
import { keyOf, ownersOf, type Resource, type Subject } from "./subject.ts";

/** What is known about a subject. Times are milliseconds since the epoch. */
export interface Known {
  readonly subject: Subject;
  readonly state: State | null;
  readonly deletedAt: number | null;
  /** Whether any state told whose it is. */
  readonly namesUser: boolean;
}

/** What is known about everybody, by the subject's key. Of whom nothing is known there is no entry and no row. */
export type World = ReadonlyMap<string, Known>;

/** The columns that decide between states of equal times, in turn. */
const contentColumns: Readonly<Record<Resource, readonly string[]>> = {
  user: [
    "email",
    "email_verified",
    "first_name",
    "last_name",
    "username",
    "image_url",
    "phone",
    "external_id",
    "public_metadata",
    "banned",
    "locked",
  ],
  organization: ["name", "slug", "image_url", "created_by", "public_metadata"],
  membership: ["role", "permissions"],
};

/**
 * Which of two states of a subject is newer, as a sort does: by Clerk's updated_at, then by last sign-in (none
 * is the lowest), by creation, then by content: the columns as a JSON array, compared by bytes. 0: they are the same.
 */
export function compareStates(resource: Resource, a: State, b: State): number {
  return compare(a.updatedAt, b.updatedAt) ||
    compare(a.lastSignInAt ?? -Infinity, b.lastSignInAt ?? -Infinity) ||
    compare(createdAt(resource, a), createdAt(resource, b)) ||
    compare(contentText(resource, a), contentText(resource, b));
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function createdAt(resource: Resource, { content }: State): number {
  return columnsOf(resource, content).clerk_created_at;
}

function contentText(resource: Resource, { content }: State): string {
  const columns = columnsOf(resource, content);
  return JSON.stringify(contentColumns[resource].map((name) => columns[name]));
}

/** What is known about an item's subject once the item is known as well; the same where it is no news. */
export function learn(known: Known | undefined, item: Item, noticedAt: number): Known | undefined {
  const before = known ??
    { subject: item.subject, state: null, deletedAt: null, namesUser: false };
  switch (item.kind) {
    case "state":
      return withState(before, item.state);
    case "deletion":
      return withDeletion(item.last ? withState(before, item.last) : before, item.at);
    case "gone":
      return withDeletion(before, noticedAt);
    default:
      return known;
  }
}

function withState(known: Known, state: State): Known {
  const namesUser = known.namesUser || state.namesUser;
  const newer = known.state === null ||
    compareStates(known.subject.resource, state, known.state) > 0;
  if (newer) return { ...known, state, namesUser };
  return namesUser === known.namesUser ? known : { ...known, namesUser };
}

function withDeletion(known: Known, at: number | null | undefined): Known {
  if (at === null || at === undefined) return known;
  return known.deletedAt !== null && known.deletedAt <= at ? known : { ...known, deletedAt: at };
}

/** The world once these items are known as well: nothing yet follows from them for others. */
export function learnAll(world: World, items: readonly Item[], noticedAt: number): World {
  const after = new Map(world);
  for (const item of items) {
    const key = keyOf(item.subject);
    const known = learn(after.get(key), item, noticedAt);
    if (known) after.set(key, known);
  }
  return after;
}

/** The world where memberships have ended with their organizations and with those users whom they name. */
export function endMemberships(world: World): World {
  return new Map([...world].map(([key, known]) => {
    if (known.subject.resource !== "membership" || known.state === null) return [key, known];
    const { organization, user } = ownersOf(known.subject);
    const withOrganization = withDeletion(known, world.get(keyOf(organization))?.deletedAt);
    if (!known.namesUser) return [key, withOrganization];
    return [key, withDeletion(withOrganization, world.get(keyOf(user))?.deletedAt)];
  }));
}

/** What is known at the end of a history, in whatever order. */
export function knownInTheEnd(history: History, noticedAt: number): World {
  return endMemberships(learnAll(new Map(), history, noticedAt));
}

/** Whether a row that holds what is known shows the item: the state itself, or any deletion. */
export function shows(known: Known | undefined, item: Item): boolean {
  if (!known) return false;
  if (item.kind !== "state") return known.deletedAt !== null;
  return known.state !== null &&
    compareStates(item.subject.resource, known.state, item.state) === 0;
}
