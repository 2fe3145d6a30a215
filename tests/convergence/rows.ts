import type { Columns } from "../support/model/columns.ts";
import { rowOf } from "../support/model/row.ts";
import type { HistoryRun } from "./run_of_history.ts";
import { keyOf, type Subject } from "./subject.ts";

/** The key that a write adds to the row's metadata. */
export function metadataKey(item: number): string {
  return `write_${item}`;
}

/** The row that a history leaves, with the application's writes; undefined if there is none. */
export function finalRow(
  { history, end, ids }: Pick<HistoryRun, "history" | "end" | "ids">,
  subject: Subject,
): Columns | undefined {
  const known = end.get(ids(subject));
  if (!known) return undefined;
  const writes = history.flatMap((item, index) =>
    item.kind === "write" && keyOf(item.subject) === keyOf(subject) ? [{ item, index }] : []
  );
  const row = rowOf(known);
  return {
    ...row,
    is_active: row.is_active === true && !writes.some(({ item }) => item.deactivate),
    metadata: Object.fromEntries(writes.map(({ index }) => [metadataKey(index), true])),
    visits: writes.length,
  };
}
