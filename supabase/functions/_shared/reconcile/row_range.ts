import type { RowRange } from "../database/sync_client.ts";
import { endless, type Range } from "../listing/user_counts.ts";

/** A range of times of creation, as the database takes it. */
export function rowRange({ from, to }: Range): RowRange {
  return {
    from: from > 0 ? new Date(from).toISOString() : null,
    to: to < endless ? new Date(to).toISOString() : null,
  };
}
