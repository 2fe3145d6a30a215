import assert from "node:assert/strict";
import type { Fact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { withSql } from "./connections.ts";
import { parseRow, readRows } from "./rows.ts";
import { type Columns, emptyContent, isState } from "../model/columns.ts";
import { knownInTheEnd, learn, nothingOf } from "../model/known.ts";
import { rowOf } from "../model/row.ts";

/** Asserts that every row is the result of the facts. Clerk ids in `except` are not checked. */
export async function assertConverged(
  facts: readonly Fact[],
  except: readonly string[] = [],
): Promise<void> {
  const known = [...knownInTheEnd(facts)].filter(([id]) => !except.includes(id));
  const rows = await withSql((sql) => readRows(sql, known.map(([id]) => id)));
  for (const [id, one] of known) {
    const { metadata: _, ...row } = parseRow(rows.get(id)) ?? {};
    assert.deepEqual(row, rowOf(one), id);
  }
}

/** Asserts that a row shows one of the states, and not parts of two. */
export function assertWhole(row: Columns, facts: readonly Fact[]): void {
  const state = facts.filter(isState).find((fact) =>
    fact.clerk_id === row.clerk_id && "first_name" in fact && fact.first_name === row.first_name
  );
  const known = state ? learn(undefined, state) : nothingOf("user");
  const { deleted_at: _, is_active: __, ...columns } = rowOf(known);
  assert.deepEqual(pick(row, columns), columns, String(row.clerk_id));
  assert.equal(row.is_active, row.deleted_at === null);
}

/** Asserts that a row is a tombstone without personal data. */
export function assertErased(row: Columns | null, facts: readonly Fact[]): void {
  assert.ok(row?.erased_at, "a user deleted long ago is erased");
  const content = { ...emptyContent.user, last_sign_in_at: null, metadata: {}, is_active: false };
  assert.deepEqual(pick(row, content), content, String(row.clerk_id));
  const known = knownInTheEnd(facts).get(String(row.clerk_id));
  assert.equal(row.deleted_at, known && rowOf(known).deleted_at);
}

/** Asserts that a row shows exactly this state and no deletion. */
export function assertShows(row: Columns, state: Fact): void {
  const columns = rowOf(learn(undefined, state));
  assert.deepEqual(pick(row, columns), columns, state.clerk_id);
}

function pick(row: Columns, like: Columns): Columns {
  return Object.fromEntries(Object.keys(like).map((name) => [name, row[name]]));
}
