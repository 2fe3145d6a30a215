/**
 * What is right, said once more and independently of the SQL: the merge of facts about a user is the
 * newest state and the earliest deletion, whatever the order.
 */
import { columnsOf } from "./contents.ts";
import type { History, Item, State } from "./history.ts";

/** What is known about a user. Times are milliseconds since the epoch. */
export interface Known {
  readonly state: State | null;
  readonly deletedAt: number | null;
}

/** Nothing is known: there is no row. */
export const unknown: Known = { state: null, deletedAt: null };

/**
 * Which of two states is newer, as a sort does: by Clerk's updated_at, then by last sign-in (none is the
 * lowest), then by content: the columns as a JSON array, compared by bytes. 0: they are the same.
 */
export function compareStates(a: State, b: State): number {
  return compare(a.updatedAt, b.updatedAt) ||
    compare(a.lastSignInAt ?? -Infinity, b.lastSignInAt ?? -Infinity) ||
    compare(contentText(a), contentText(b));
}

function compare<T extends number | string>(a: T, b: T): number {
  return a < b ? -1 : Number(a > b);
}

function contentText({ content }: State): string {
  const columns = columnsOf(content);
  return JSON.stringify([
    columns.email,
    columns.email_verified,
    columns.first_name,
    columns.last_name,
    columns.username,
    columns.image_url,
    columns.phone,
    columns.external_id,
    columns.public_metadata,
    columns.banned,
    columns.locked,
    columns.clerk_created_at,
  ]);
}

/** What is known once an item is known as well; `noticedAt` is when users-sync noticed a user gone. */
export function learn(known: Known, item: Item, noticedAt: number): Known {
  switch (item.kind) {
    case "state": {
      const newer = known.state === null || compareStates(item.state, known.state) > 0;
      return newer ? { ...known, state: item.state } : known;
    }
    case "deletion":
      return deleted(known, item.at);
    case "gone":
      return deleted(known, noticedAt);
    default:
      return known;
  }
}

function deleted(known: Known, at: number): Known {
  return known.deletedAt !== null && known.deletedAt <= at ? known : { ...known, deletedAt: at };
}

/** Whether a row that holds what is known shows the item: the state itself, or any deletion. */
export function shows(known: Known, item: Item): boolean {
  if (item.kind !== "state") return known.deletedAt !== null;
  return known.state !== null && compareStates(known.state, item.state) === 0;
}

/** What the application has written to a user's row. */
export interface Written {
  readonly metadata: Readonly<Record<string, true>>;
  readonly visits: number;
  readonly deactivated: boolean;
}

/** The key that a write adds to the row's metadata. */
export function metadataKey(item: number): string {
  return `write_${item}`;
}

function writtenTo(history: History, user: number): Written {
  const writes = history.flatMap((item, index) =>
    item.kind === "write" && item.user === user ? [{ item, index }] : []
  );
  return {
    metadata: Object.fromEntries(writes.map(({ index }) => [metadataKey(index), true])),
    visits: writes.length,
    deactivated: writes.some(({ item }) => item.deactivate),
  };
}

/** A row as the tests read it: `to_jsonb()` without what is this row's own (id, Clerk id, its times). */
export type Row = Readonly<Record<string, unknown>>;

/** What is known about a user at the end of a history. */
export function knownInTheEnd(history: History, user: number, noticedAt: number): Known {
  return history.filter((item) => item.user === user)
    .reduce((known, item) => learn(known, item, noticedAt), unknown);
}

/** The row that a history leaves, in whatever order; undefined where there is none. */
export function finalRow(history: History, user: number, noticedAt: number): Row | undefined {
  const { state, deletedAt } = knownInTheEnd(history, user, noticedAt);
  if (state === null && deletedAt === null) return undefined;
  const written = writtenTo(history, user);
  const { clerk_created_at: createdAt, ...columns } = state ? columnsOf(state.content) : nothing;
  return {
    ...columns,
    clerk_created_at: timeText(createdAt),
    clerk_updated_at: timeText(state?.updatedAt ?? null),
    last_sign_in_at: timeText(state?.lastSignInAt ?? null),
    deleted_at: timeText(deletedAt),
    erased_at: null,
    is_active: deletedAt === null && !written.deactivated,
    metadata: written.metadata,
    visits: written.visits,
  };
}

/** The columns of a row that knows of a deletion alone. */
const nothing = {
  email: null,
  email_verified: false,
  first_name: null,
  last_name: null,
  username: null,
  image_url: null,
  phone: null,
  external_id: null,
  public_metadata: {},
  banned: false,
  locked: false,
  clerk_created_at: null,
};

/** A time as PostgreSQL's JSON has it: no trailing zeros in fractions of a second. */
function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString().replace(/\.?0*Z$/, "+00:00");
}
