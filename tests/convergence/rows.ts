/** The rows that are right. */
import { columnsOf } from "./contents.ts";
import type { History } from "./history.ts";
import type { Known, World } from "./model.ts";
import { type Ids, keyOf, ownersOf, type Resource, type Subject } from "./subject.ts";

/** A row as the tests read it: `to_jsonb()` without what is this row's own (id, Clerk id, its times). */
export type Row = Readonly<Record<string, unknown>>;

/** The key that a write adds to the row's metadata. */
export function metadataKey(item: number): string {
  return `write_${item}`;
}

/** The row that a history leaves; undefined where there is none. */
export function finalRow(
  { history, end, ids }: {
    readonly history: History;
    /** What is known in the end. */
    readonly end: World;
    readonly ids: Ids;
  },
  subject: Subject,
): Row | undefined {
  const known = end.get(keyOf(subject));
  if (!known) return undefined;
  const { state, deletedAt } = known;
  const writes = history.flatMap((item, index) =>
    item.kind === "write" && keyOf(item.subject) === keyOf(subject) ? [{ item, index }] : []
  );
  const { clerk_created_at: createdAt, ...columns } = state
    ? columnsOf(subject.resource, state.content)
    : { ...nothing[subject.resource], clerk_created_at: null };
  return {
    ...columns,
    ...ownColumns[subject.resource](known, ids),
    clerk_created_at: timeText(createdAt),
    clerk_updated_at: timeText(state?.updatedAt ?? null),
    deleted_at: timeText(deletedAt),
    is_active: deletedAt === null && !writes.some(({ item }) => item.deactivate),
    metadata: Object.fromEntries(writes.map(({ index }) => [metadataKey(index), true])),
    visits: writes.length,
  };
}

/** Beside its content: what only one resource's rows have. */
const ownColumns: Readonly<Record<Resource, (known: Known, ids: Ids) => Row>> = {
  user: ({ state }) => ({
    last_sign_in_at: timeText(state?.lastSignInAt ?? null),
    erased_at: null,
  }),
  organization: () => ({}),
  membership({ subject, state, namesUser }, ids) {
    const { organization, user } = ownersOf(subject);
    return {
      organization_clerk_id: state && ids(organization),
      user_clerk_id: namesUser ? ids(user) : null,
    };
  },
};

/** The columns of a row that knows of a deletion alone. */
const nothing: Readonly<Record<Resource, Row>> = {
  user: {
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
  },
  organization: {
    name: null,
    slug: null,
    image_url: null,
    created_by: null,
    public_metadata: {},
  },
  membership: { role: null, permissions: [] },
};

/** A time as PostgreSQL's JSON has it: no trailing zeros in fractions of a second. */
function timeText(time: number | null): string | null {
  return time === null ? null : new Date(time).toISOString().replace(/\.?0*Z$/, "+00:00");
}
