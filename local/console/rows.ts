import type { Sql } from "postgres";
import { z } from "zod";
import type { RowView, RunView } from "./snapshot.ts";

const text = z.string().nullable();
const storedRow = z.looseObject({
  clerk_id: z.string(),
  updated_at: z.string(),
  is_active: z.boolean(),
  deleted_at: text,
  banned: z.boolean().default(false),
  first_name: text.default(null),
  last_name: text.default(null),
  email: text.default(null),
  name: text.default(null),
  slug: text.default(null),
  role: text.default(null),
  user_clerk_id: text.default(null),
  organization_clerk_id: text.default(null),
});
type StoredRow = z.infer<typeof storedRow>;

const kinds = [
  ["user", "users"],
  ["organization", "organizations"],
  ["membership", "organization_memberships"],
] as const;

/** Columns that every change changes. */
const always = ["updated_at", "synced_at", "clerk_updated_at"];
/** Rows of each table: at first, so that their next change can be told, and then. */
const firstLook = 1_000;
const nextLook = 60;

/** Reads the rows that changed last, and knows what changed in those that it has seen before. */
export function createRowsReader(sql: Sql, schema: string): () => Promise<RowView[]> {
  const seen = new Map<string, { row: StoredRow; changed: readonly string[] | null }>();
  let limit = firstLook;

  function view(kind: RowView["kind"], row: StoredRow): RowView {
    const before = seen.get(row.clerk_id);
    const changed = before === undefined
      ? limit === firstLook ? [] : null
      : before.row.updated_at === row.updated_at
      ? before.changed
      : Object.keys(row).filter((column) =>
        !always.includes(column) &&
        JSON.stringify(row[column]) !== JSON.stringify(before.row[column])
      );
    seen.set(row.clerk_id, { row, changed });
    return {
      kind,
      id: row.clerk_id,
      ...wordsOf(kind, row, (id) => {
        const known = seen.get(id)?.row;
        return known && (known.name ?? fullNameOf(known));
      }),
      state: stateOf(row),
      changed,
      at: Date.parse(row.updated_at),
    };
  }

  return async () => {
    const found = await Promise.all(kinds.map(async ([kind, table]) => {
      const rows = await sql`
        select to_jsonb(t) as row from ${sql(`${schema}.${table}`)} as t
        order by updated_at desc limit ${limit}`;
      return rows.map(({ row }) => view(kind, storedRow.parse(row)));
    }));
    limit = nextLook;
    return found.flat().sort((a, b) => b.at - a.at).slice(0, nextLook);
  };
}

/** @param nameOf of a user or an organization that was seen */
function wordsOf(
  kind: RowView["kind"],
  row: StoredRow,
  nameOf: (id: string) => string | undefined,
): Pick<RowView, "name" | "detail"> {
  if (kind === "user") return { name: fullNameOf(row), detail: row.email ?? "" };
  if (kind === "organization") return { name: row.name ?? "", detail: row.slug ?? "" };
  const { user_clerk_id: user, organization_clerk_id: organization, role } = row;
  return {
    name: nameOf(user ?? "") || user || "",
    detail: `${role ?? "gone"} in ${nameOf(organization ?? "") || organization || "–"}`,
  };
}

function fullNameOf({ first_name, last_name }: StoredRow): string {
  return [first_name, last_name].filter((part) => part !== null).join(" ");
}

function stateOf({ deleted_at, banned, is_active }: StoredRow): RowView["state"] {
  if (deleted_at !== null) return "deleted";
  if (banned) return "banned";
  return is_active ? "active" : "inactive";
}

const storedRun = z.object({
  id: z.string(),
  kind: z.string(),
  repairs: z.boolean(),
  started_at: z.date(),
  ended_at: z.date().nullable(),
  outcome: text,
  drift: z.coerce.number(),
});

/** Reads the latest runs of backfill and reconcile. */
export async function readRuns(sql: Sql, schema: string): Promise<RunView[]> {
  const rows = await sql`
    select id, kind, repairs, started_at, ended_at, outcome, drift
    from ${sql(`${schema}.clerk_sync_runs`)} order by started_at desc limit 8`;
  return z.array(storedRun).parse(rows).map(({ id, kind, repairs, outcome, drift, ...run }) => ({
    id,
    kind,
    repairs,
    startedAt: run.started_at.getTime(),
    seconds: run.ended_at && (run.ended_at.getTime() - run.started_at.getTime()) / 1000,
    outcome,
    drift,
  }));
}
