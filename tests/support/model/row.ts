import { type Columns, contentOf, emptyContent, type Resource } from "./columns.ts";
import type { Known } from "./known.ts";

/**
 * The row for what is known: the columns that follow Clerk, in the form of `to_jsonb()` and PostgREST. A
 * stored row also has its own id and times and the application's columns.
 */
export function rowOf(known: Known): Columns {
  const { resource, state, deletedAt } = known;
  return {
    ...(state ? contentOf(state) : emptyContent[resource]),
    ...ownColumns[resource](known),
    clerk_created_at: timeText(state?.clerk_created_at ?? null),
    clerk_updated_at: timeText(state?.clerk_updated_at ?? null),
    deleted_at: timeText(deletedAt),
    is_active: deletedAt === null,
  };
}

/** Columns outside the content that only one resource has. */
const ownColumns: Readonly<Record<Resource, (known: Known) => Columns>> = {
  user: ({ state }) => ({
    last_sign_in_at: timeText(state?.kind === "user" ? state.last_sign_in_at : null),
    erased_at: null,
  }),
  organization: () => ({}),
  membership: ({ state, member }) => ({
    organization_clerk_id: state && "organization_clerk_id" in state
      ? state.organization_clerk_id
      : null,
    user_clerk_id: member,
  }),
};

/** A time as in PostgreSQL's JSON, without trailing zeros in fractions of a second. */
export function timeText(time: string | null): string | null {
  return time === null ? null : new Date(time).toISOString().replace(/\.?0*Z$/, "+00:00");
}
