import assert from "node:assert/strict";
import type { Told } from "../facts/told.ts";
import {
  columnsOf,
  emptyColumns,
  millisecondsOf,
  shownColumns,
  type UserState,
} from "../facts/user_states.ts";
import type { UserRow } from "../user_row.ts";

/** The states' total order, said once more than the database has it: time, sign-in, content. */
function isNewer(left: UserState, right: UserState): boolean {
  if (left.updatedAt !== right.updatedAt) return left.updatedAt > right.updatedAt;
  const [leftSignIn, rightSignIn] = [left.signedInAt ?? -Infinity, right.signedInAt ?? -Infinity];
  if (leftSignIn !== rightSignIn) return leftSignIn > rightSignIn;
  // The content begins with the address, which begins with the token.
  return left.token > right.token;
}

/** Asserts that a row is what everything told about its user makes of it, in whatever order. */
export function assertConverged(row: UserRow | null, told: readonly Told[]): void {
  assert.ok(row, "a user who was told of has a row");
  let newest: UserState | undefined;
  for (const one of told) {
    if (one.kind === "state" && (!newest || isNewer(one.state, newest))) newest = one.state;
  }
  const deletedAt = earliestDeletion(told);
  const shown = { ...shownColumns(row), deleted_at: millisecondsOf(row.deleted_at) };
  const expected = newest ? columnsOf(newest) : emptyColumns;
  assert.deepEqual(shown, { ...expected, deleted_at: deletedAt }, row.clerk_id);
  assert.equal(row.is_active, deletedAt === null);
}

/** Asserts that a row is in one of its user's states, not in parts of two. */
export function assertWhole(row: UserRow, told: readonly Told[]): void {
  const states = told.flatMap((one) => one.kind === "state" ? [one.state] : []);
  const state = states.find(({ token }) => token === row.first_name);
  assert.deepEqual(shownColumns(row), state ? columnsOf(state) : emptyColumns, row.clerk_id);
  assert.equal(row.is_active, row.deleted_at === null);
}

/** Asserts that a row is a tombstone without personal data, whatever was told when. */
export function assertErased(row: UserRow | null, told: readonly Told[]): void {
  assert.ok(row?.erased_at, "a user who was deleted long ago is erased");
  const { clerk_created_at: _created, clerk_updated_at: _updated, ...personal } = emptyColumns;
  const { clerk_created_at: _, clerk_updated_at: __, ...shown } = shownColumns(row);
  assert.deepEqual(shown, personal, row.clerk_id);
  assert.deepEqual(row.metadata, {});
  assert.equal(row.is_active, false);
  assert.equal(millisecondsOf(row.deleted_at), earliestDeletion(told));
}

function earliestDeletion(told: readonly Told[]): number | null {
  const times = told.flatMap((one) => one.kind === "deletion" ? [one.deletedAt] : []);
  return times.length === 0 ? null : Math.min(...times);
}
