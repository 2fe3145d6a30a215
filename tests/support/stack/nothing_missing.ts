import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { type Acknowledged, assertLedger } from "../database/ledger.ts";
import { assertConverged } from "../database/assert_rows.ts";
import { assertAsInClerk } from "./as_in_clerk.ts";
import { everythingDelivered } from "./svix_messages.ts";

/** What must be in the database at the end. */
export interface Traffic {
  /** Users at Clerk. */
  readonly users: readonly string[];
  /** Facts about other users, organizations and memberships, which exist only in the test. */
  readonly facts: readonly Fact[];
  /** The deliveries of these facts that were answered with success. */
  readonly acknowledged: readonly Acknowledged[];
}

/** Waits for Svix' redeliveries, and asserts that every row and the ledger are right. */
export async function assertNothingMissing({ users, facts, acknowledged }: Traffic): Promise<void> {
  await everythingDelivered();
  for (const id of users) await assertAsInClerk(id);
  await assertConverged(facts);
  await assertLedger(acknowledged);
}
