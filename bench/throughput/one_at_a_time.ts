import type {
  CallForOne,
  GroupedCallOptions,
} from "../../supabase/functions/_shared/database/grouped_calls.ts";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";

/**
 * Takes the place of the grouped calls, for measuring: every item goes alone and at once, as it does
 * where each isolate has one request at a time.
 */
export function createGroupedCall<Item, Outcome>(
  { call }: GroupedCallOptions<Item, Outcome>,
): CallForOne<Item, Outcome> {
  return async (item) => {
    const called = await call([item]);
    if (!called.ok) return called;
    const [outcome] = called.value;
    return outcome === undefined ? fail("internal_error") : succeed(outcome);
  };
}
