import assert from "node:assert/strict";
import type { Sql } from "../support/database/connections.ts";

type Row = Readonly<Record<string, unknown>>;

/** The rows of each of the application's tables, by the table's name. */
export type Rows = ReadonlyMap<string, readonly Row[]>;

export async function readRows(sql: Sql): Promise<Rows> {
  const tables = await sql`
    select c.oid::regclass::text as name from pg_class as c
    where c.relkind in ('r', 'p', 'm') and not c.relispartition and ${ofApplication(sql)}
  `;
  const rows = new Map<string, Row[]>();
  for (const { name } of tables) {
    const found = await sql.unsafe(`select to_json(t) as row from ${name} as t`);
    rows.set(String(name), found.map(({ row }) => row));
  }
  return rows;
}

/** Columns in which the migrations fill nulls, since fresh tables have none there. */
const filled = new Set([
  "email_verified",
  "banned",
  "is_active",
  "deactivated_at",
  "metadata",
  "public_metadata",
  "created_at",
  "updated_at",
]);

/** Asserts that every row has kept its values, in the form that the column has now. */
export function assertKept(before: Rows, after: Rows): void {
  for (const [table, rows] of before) {
    const remaining = sorted(after.get(table) ?? [], rows[0] ?? {});
    const had = sorted(rows, rows[0] ?? {});
    assert.equal(remaining.length, had.length, table);
    had.forEach((row, index) => {
      for (const [column, value] of Object.entries(row)) {
        const now = remaining[index]?.[column];
        if (value === null && filled.has(column) && now !== undefined) continue;
        // Deleted rows become inactive.
        if (column === "is_active" && value === true && row.deleted_at) continue;
        // It belongs to a state, and none is known yet.
        if (column === "clerk_updated_at") {
          assert.equal(now, null);
          continue;
        }
        assert.deepEqual(zoned(now), zoned(value), `${table}.${column}`);
      }
    });
  }
}

/** The rows in the order of the columns that are never filled. */
function sorted(rows: readonly Row[], shape: Row): readonly Row[] {
  const columns = Object.keys(shape).filter((column) =>
    !filled.has(column) && column !== "clerk_updated_at"
  );
  const keyOf = (row: Row) => JSON.stringify(columns.map((column) => zoned(row[column])));
  return rows.map((row) => ({ row, key: keyOf(row) }))
    .sort((one, other) => one.key < other.key ? -1 : 1).map(({ row }) => row);
}

/** A time without a zone is in UTC, the database's zone. */
function zoned(value: unknown): unknown {
  const local = /^\d{4}-\d\d-\d\dT[\d:.]+$/;
  return typeof value === "string" && local.test(value) ? `${value}+00:00` : value;
}

/** Every object and row with the transaction that wrote it. The text is the same if nothing was touched. */
export async function describeEverything(sql: Sql): Promise<string> {
  const catalogues = {
    pg_namespace: "nspname !~ '^pg_(toast_)?temp'",
    pg_class: "relnamespace::regnamespace::text !~ '^pg_(toast_)?temp'",
    pg_attribute:
      "(select relnamespace::regnamespace::text from pg_class where oid = attrelid) !~ '^pg_(toast_)?temp'",
    pg_proc: "pronamespace::regnamespace::text !~ '^pg_temp'",
    pg_type: "typnamespace::regnamespace::text !~ '^pg_(toast_)?temp'",
    pg_constraint: "true",
    pg_index: "true",
    pg_attrdef: "true",
    pg_trigger: "true",
    pg_policy: "true",
    pg_rewrite: "true",
    pg_inherits: "true",
    pg_description: "true",
    pg_default_acl: "true",
  };
  const digests = Object.entries(catalogues).map(([name, condition]) =>
    `select '${name}' as name, md5(string_agg(c.ctid::text || c.xmin, ' ' order by c.ctid)) as digest from ${name} as c where ${condition}`
  );
  const catalogue = await sql.unsafe(digests.join("\nunion all\n"));
  const tables = await sql`
    select c.oid::regclass::text as name from pg_class as c
    where c.relkind in ('r', 'p') and not c.relispartition and ${ofApplication(sql)}
  `;
  const rows = [];
  for (const { name } of tables) {
    rows.push(
      ...await sql.unsafe(
        `select '${name}' as name, md5(string_agg(t::text || t.xmin, ' ' order by t.tableoid, t.ctid)) as digest from ${name} as t`,
      ),
    );
  }
  return [...catalogue, ...rows].map(({ name, digest }) => `${name} ${digest}`).join("\n");
}

function ofApplication(sql: Sql) {
  return sql`c.relnamespace::regnamespace::text !~ '^(pg_|information_schema|auth|extensions|storage|clerk)'
    and c.relname <> 'clerk_deliveries'`;
}
