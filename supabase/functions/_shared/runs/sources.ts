import { createClerkApi } from "../clerk/api.ts";
import { createInstanceApi } from "../clerk/instance.ts";
import { createRunStore, type RunStore } from "../database/run_store.ts";
import { createSupabaseClient } from "../database/supabase.ts";
import { createAsk, createSyncDatabase, type SyncDatabase } from "../database/sync_client.ts";
import type { ClerkApi } from "../clerk/api.ts";
import { createPace, type Pace, usualPace } from "../listing/pace.ts";
import { createPacedApi } from "../listing/paced_api.ts";
import { createPageReader, type ReadPage } from "../listing/page.ts";
import { createUserCounts, type UserCounts } from "../listing/user_counts.ts";
import { createPatience } from "../patience.ts";
import type { ClerkApiSettings } from "../settings/clerk_api.ts";
import type { SupabaseSettings } from "../settings/supabase.ts";

export interface SourcesOptions {
  readonly clerk: ClerkApiSettings;
  /** The instance that it must be; undefined: not checked. */
  readonly instanceId?: string | undefined;
  readonly supabase: SupabaseSettings;
  /** Ends requests and waiting. */
  readonly signal: AbortSignal;
  /** Requests to Clerk in 10 s. Default: half of what Clerk allows. */
  readonly pace?: number | undefined;
  /** Milliseconds that an outage may last. Default: 3 minutes. */
  readonly patience?: number | undefined;
}

/** What runs read from and write to. */
export interface Sources {
  readonly api: ClerkApi;
  readonly pace: Pace;
  readonly readPage: ReadPage;
  readonly counts: UserCounts;
  readonly database: SyncDatabase;
  readonly store: RunStore;
}

/** Milliseconds. A page of 500 users takes longer than a single user. */
const pageTimeLimit = 30_000;
const usualPatience = 180_000;

export function createSources(options: SourcesOptions): Sources {
  const { clerk, instanceId, supabase, signal, patience = usualPatience } = options;
  const pace = createPace({ requests: options.pace ?? usualPace(clerk.secretKey) });
  const patiently = createPatience({ limit: patience, signal });
  const plain = createClerkApi({ ...clerk, timeLimit: pageTimeLimit, signal });
  const paced = createPacedApi({ api: plain, pace, patiently, signal });
  const api = instanceId === undefined ? paced : createInstanceApi(paced, instanceId);
  const readPage = createPageReader(api, patiently);
  const client = createSupabaseClient(supabase);
  const ask = createAsk(supabase);
  return {
    api,
    pace,
    readPage,
    counts: createUserCounts(api, readPage),
    database: createSyncDatabase(client, ask, patiently),
    store: createRunStore(client, ask),
  };
}
