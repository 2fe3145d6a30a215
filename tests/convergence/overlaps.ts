import type { UserFact } from "../../supabase/functions/_shared/facts/fact.ts";
import { applyFacts } from "../support/database/apply_facts.ts";
import type { Sql } from "../support/database/connections.ts";
import { parseRow, readRows } from "../support/database/rows.ts";
import { eventually } from "../support/eventually.ts";
import {
  membershipFact,
  newClerkId,
  newMembershipIds,
  organizationDeletedFact,
  userDeletedFact,
  userFact,
} from "../support/facts/facts.ts";
import { expect, Violation } from "./violation.ts";

const deletedAt = "2026-02-01T00:00:00+00:00";

/**
 * Checks writers that overlap, which histories meet only by chance.
 *
 * @throws Violation
 */
export async function checkOverlaps(connections: readonly Sql[]): Promise<void> {
  await checkSignUp(connections);
  await checkDeletions(connections);
  await checkLockOrder(connections);
}

/** Writes two states of a new user in overlapping transactions, the newer one last. */
async function checkSignUp(connections: readonly Sql[]): Promise<void> {
  const id = newClerkId();
  const newer = userFact(id, { first_name: "Grace", clerk_updated_at: "2026-01-03T00:00:00.000Z" });
  const asSignUp = (fact: UserFact) => ({
    ...fact,
    delivery: { id: `msg_${crypto.randomUUID()}`, type: "user.created" },
  });
  const sql = await overlap(connections, [asSignUp(userFact(id)), asSignUp(newer)]);
  const row = parseRow((await readRows(sql, [id])).get(id));
  expect("the row matches the model", "two states of a new user", {
    actual: { first_name: row?.first_name },
    expected: { first_name: "Grace" },
  });
}

/**
 * Writes a membership and deletes its user or organization in overlapping transactions, either one first.
 */
async function checkDeletions(connections: readonly Sql[]): Promise<void> {
  for (const owner of ["user", "organization"] as const) {
    for (const deletionFirst of [true, false]) {
      const ids = newMembershipIds();
      const membership = membershipFact(ids);
      const deletion = owner === "user"
        ? userDeletedFact(ids.user_clerk_id, deletedAt)
        : organizationDeletedFact(ids.organization_clerk_id, deletedAt);
      const sql = await overlap(
        connections,
        deletionFirst ? [deletion, membership] : [membership, deletion],
      );
      const row = parseRow((await readRows(sql, [ids.clerk_id])).get(ids.clerk_id));
      expect(
        "the row matches the model",
        `${owner}, deletion ${deletionFirst ? "first" : "last"}`,
        {
          actual: { deleted_at: row?.deleted_at, is_active: row?.is_active },
          expected: { deleted_at: deletedAt, is_active: false },
        },
      );
    }
  }
}

/** Applies the second fact while the transaction of the first is open. */
async function overlap(
  [first, second, observer]: readonly Sql[],
  [early, late]: readonly [unknown, unknown],
): Promise<Sql> {
  if (!first || !second || !observer) throw new Error("Pass three connections");
  const [session] = await second<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await first`begin`;
  await applyFacts(first, [early]);
  let answered = false;
  const applying = applyFacts(second, [late]).finally(() => answered = true);
  await eventually("the second call waits or is done", async () => {
    const waiting = await observer`
      select from pg_locks where pid = ${session?.pid ?? 0} and not granted
    `;
    return answered || waiting.length > 0;
  });
  await first`commit`;
  await applying;
  return observer;
}

/** A batch with several facts about a row locks its rows in order, even if a row knows the first fact. */
async function checkLockOrder([first, second, observer]: readonly Sql[]): Promise<void> {
  if (!first || !second || !observer) throw new Error("Pass three connections");
  const [locked, other] = [newClerkId(), newClerkId()].toSorted();
  if (!locked || !other) return;
  const state = (id: string, day: number) =>
    userFact(id, { clerk_updated_at: `2026-01-0${day}T00:00:00.000Z` });
  await applyFacts(observer, [state(locked, 1), state(other, 1)]);
  const [session] = await second<{ pid: number }[]>`select pg_backend_pid() as pid`;
  await first`begin`;
  await first`select from public.users where clerk_id = ${locked} for update`;
  const applying = applyFacts(second, [state(locked, 1), state(other, 2), state(locked, 2)]);
  await eventually("the batch waits after its second start", async () => {
    const waiting = await observer`
      select from pg_locks
      where pid = ${session?.pid ?? 0} and not granted and waitstart < now() - interval '0.2 s'
    `;
    return waiting.length > 0;
  });
  // The batch waits for the first row, so it must not hold the other one yet.
  const held = await observer`
    select from public.users where clerk_id = ${other} for update nowait
  `.then(() => undefined, String);
  await first`commit`;
  await applying;
  if (held !== undefined) throw new Violation("no call fails", held);
}
