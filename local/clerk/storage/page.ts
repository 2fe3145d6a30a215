import type { SQLInputValue } from "node:sqlite";
import { z } from "zod";
import type { Row, Storage } from "./database.ts";

/** A part of a `where` clause, with the values of its placeholders. */
export interface Condition {
  readonly sql: string;
  readonly values: readonly SQLInputValue[];
}

/** A section of a table's rows. Rows with the same `column` are ordered by id. */
export interface Page {
  readonly column: string;
  readonly ascending: boolean;
  readonly limit: number;
  readonly offset: number;
}

const counted = z.object({ total: z.int() });

/** The documents of one page of the rows that meet all conditions. */
export function selectPage(
  storage: Storage,
  table: string,
  conditions: readonly Condition[],
  { column, ascending, limit, offset }: Page,
): Row[] {
  const { sql, values } = allOf(conditions);
  const direction = ascending ? "asc" : "desc";
  return storage.all(
    `select document from ${table} where ${sql}
     order by ${column} ${direction}, id ${direction} limit ? offset ?`,
    ...values,
    limit,
    offset,
  );
}

/** The number of rows that meet all conditions. */
export function countRows(
  storage: Storage,
  table: string,
  conditions: readonly Condition[],
): number {
  const { sql, values } = allOf(conditions);
  const row = storage.get(`select count(*) as total from ${table} where ${sql}`, ...values);
  return counted.parse(row).total;
}

function allOf(conditions: readonly Condition[]): Condition {
  return {
    sql: conditions.map(({ sql }) => sql).join(" and ") || "true",
    values: conditions.flatMap(({ values }) => values),
  };
}
