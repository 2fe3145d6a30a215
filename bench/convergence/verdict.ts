import { type Columns, isState } from "../../tests/support/model/columns.ts";
import { learn } from "../../tests/support/model/known.ts";
import { newestStates } from "../../tests/support/model/rank.ts";
import { rowOf } from "../../tests/support/model/row.ts";
import { factsOf, type History } from "./history.ts";

/** A user's final row in a handler's table. */
export type Row = {
  readonly clerk_id: string;
  readonly is_active: boolean;
  readonly email: string | null;
  readonly first_name: string | null;
  readonly last_name: string | null;
};

/** How a final row differs from what Clerk would say. */
export type Fault = "deleted user lives" | "old state" | "no row" | "wrong address";

/** Null if the row is right. A deleted user may have no row, or an inactive one with any content. */
export function findFault(history: History, row: Row | undefined): Fault | null {
  const right = rightRows(history);
  if (!right.some((one) => one.is_active)) return row?.is_active ? "deleted user lives" : null;
  if (!row?.is_active) return "no row";
  if (right.some((one) => one.email === row.email && hasNamesOf(one, row))) return null;
  return right.some(({ first_name }) => first_name === row.first_name)
    ? "wrong address"
    : "old state";
}

/**
 * The rows that a history may leave. If several states share the newest time, nobody can tell which
 * came last, so any of them is right here. Our own tests are stricter.
 */
export function rightRows(history: History): Columns[] {
  const facts = factsOf(history);
  const ends = facts.filter((fact) => !isState(fact));
  return newestStates(facts).map((state) => rowOf(ends.reduce(learn, learn(undefined, state))));
}

/** What an application sees of the row: a text to compare rows by. */
export function visible(row: Row | undefined): string {
  return row?.is_active ? JSON.stringify([row.email, row.first_name, row.last_name]) : "deleted";
}

function hasNamesOf(one: Columns, other: Row): boolean {
  return one.first_name === other.first_name && one.last_name === other.last_name;
}
