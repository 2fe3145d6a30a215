import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { type Acknowledged, assertLedger } from "../database/ledger.ts";
import { assertConverged } from "../model/assertions.ts";
import { assertAsInClerk } from "./as_in_clerk.ts";
import { everythingDelivered } from "./svix_messages.ts";

/** What must be in the database when all is over. */
export interface Traffic {
  /** Users at Clerk. */
  readonly users: readonly string[];
  /** What was told of others, whom nobody but the test knows. */
  readonly facts: readonly Fact[];
  /** Deliveries of those that were answered with success. */
  readonly acknowledged: readonly Acknowledged[];
}

/** Waits for Svix' redeliveries, and asserts that every row and the ledger are what they must be. */
export async function assertNothingMissing({ users, facts, acknowledged }: Traffic): Promise<void> {
  await everythingDelivered();
  for (const id of users) await assertAsInClerk(id);
  await assertConverged(facts);
  await assertLedger(acknowledged);
}
