import type {
  CommitOne,
  GroupCommitOptions,
} from "../../supabase/functions/_shared/database/group_commit.ts";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";

/**
 * Takes the place of the group commit, for measuring: every item goes alone and at once, as it does
 * where each isolate has one request at a time.
 */
export function createGroupCommit<Item, Outcome>(
  { commit }: GroupCommitOptions<Item, Outcome>,
): CommitOne<Item, Outcome> {
  return async (item) => {
    const committed = await commit([item]);
    if (!committed.ok) return committed;
    const [outcome] = committed.value;
    return outcome === undefined ? fail("internal_error") : succeed(outcome);
  };
}
