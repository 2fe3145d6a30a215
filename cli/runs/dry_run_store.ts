import type { RunStore } from "../../supabase/functions/_shared/database/run_store.ts";
import { succeed } from "../../supabase/functions/_shared/failure.ts";

/** Keeps nothing: a dry run leaves no trace, and is never gone on with. */
export const dryRunStore: RunStore = {
  claim: () =>
    Promise.resolve(succeed({
      id: "dry run",
      held: true,
      resumed: false,
      state: {},
      counts: {},
      started_at: new Date().toISOString(),
      since: null,
    })),
  save: () => Promise.resolve(succeed(true)),
  findOpen: () => Promise.resolve(succeed([])),
  release: () => Promise.resolve(succeed(true)),
};
