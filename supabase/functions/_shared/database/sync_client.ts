import type { PostgrestError } from "@supabase/supabase-js";
import * as z from "zod/mini";
import type { FactItem } from "../facts/fact.ts";
import { fail, type Result, succeed } from "../failure.ts";
import type { Patiently } from "../patience.ts";
import type { SupabaseSettings } from "../settings/supabase.ts";
import { outcomes, toJson } from "./client.ts";
import { cutOff, databaseFailure } from "./failure.ts";
import type { SupabaseClient } from "./supabase.ts";

/** Milliseconds: a batch of 500 takes far less, even in a busy database. */
const timeLimit = 30_000;

/** The count tells whether the Data API left rows out. */
const counted = { count: "exact" } as const;

const differences = ["missing", "stale", "wrongly_active", "wrongly_deleted"] as const;
const unlisted = ["wrongly_active", "extra"] as const;

const written = z.array(z.object({
  item: z.int(),
  outcome: z.enum(outcomes),
  reason: z.nullable(z.string()),
}));
/** The outcome of an item, as from apply_clerk_facts(). */
export type Written = z.infer<typeof written>[number];

const compared = z.array(z.object({
  item: z.int(),
  difference: z.enum(differences),
  columns: z.nullable(z.array(z.string())),
  ahead: z.boolean(),
  seen: z.nullable(z.string()),
}));
/** How a row differs: see the comment on `public.compare_clerk_facts()`. */
export type Compared = z.infer<typeof compared>[number];

const unlistedRows = z.array(z.object({
  clerk_id: z.string(),
  difference: z.enum(unlisted),
  organization_clerk_id: z.nullable(z.string()),
  user_clerk_id: z.nullable(z.string()),
}));
/** A row that Clerk did not list: see the comment on `public.find_unlisted_clerk_rows()`. */
export type UnlistedRow = z.infer<typeof unlistedRows>[number];

const measured = z.array(z.object({
  rows: z.int(),
  middle: z.nullable(z.string()),
  undated: z.int(),
})).check(z.length(1));

/** Times of creation: from, until before to; null for no limit. RFC 3339. */
export interface RowRange {
  readonly from: string | null;
  readonly to: string | null;
}

/** What backfill and reconcile ask the database. Outages are waited out. */
export interface SyncDatabase {
  apply(facts: readonly FactItem[]): Promise<Result<readonly Written[]>>;
  /** `seen` is from a comparison: see the comment on `public.repair_clerk_facts()`. */
  repair(
    facts: readonly (FactItem & { readonly seen?: string })[],
  ): Promise<Result<readonly Written[]>>;
  compare(facts: readonly FactItem[]): Promise<Result<readonly Compared[]>>;
  /** `middle` is in milliseconds since the epoch. */
  measure(
    resource: string,
    range: RowRange,
  ): Promise<Result<{ rows: number; middle: number | undefined; undated: number }>>;
  /** At most 1,000, by id. */
  findUnlisted(
    resource: string,
    listed: readonly string[],
    range: RowRange,
    after: string,
  ): Promise<Result<readonly UnlistedRow[]>>;
  /** At most 1,000, by id. */
  findUndated(resource: string, after: string): Promise<Result<readonly UnlistedRow[]>>;
}

interface Call<Data> extends PromiseLike<Answer<Data>> {
  abortSignal(signal: AbortSignal): PromiseLike<Answer<Data>>;
}
interface Answer<Data> {
  readonly data: Data;
  /** Of all rows, also those that were left out; null if it was not asked for. */
  readonly count: number | null;
  readonly error: PostgrestError | null;
  readonly status: number;
}

/** Calls a function of the database, and parses its answer. */
export type Ask = <T>(call: Call<unknown>, answer: z.ZodMiniType<T>) => Promise<Result<T>>;

export function createAsk({ keyVariable }: Pick<SupabaseSettings, "keyVariable">): Ask {
  return async (call, answer) => {
    const { data, count, error, status } = await call.abortSignal(AbortSignal.timeout(timeLimit));
    if (error) return databaseFailure(error, status, keyVariable);
    if (Array.isArray(data) && data.length < (count ?? 0)) return cutOff();
    const parsed = answer.safeParse(data);
    if (parsed.success) return succeed(parsed.data);
    return fail("database_unavailable", { reason: "database: an answer of another form" });
  };
}

export function createSyncDatabase(
  client: SupabaseClient,
  ask: Ask,
  patiently: Patiently,
): SyncDatabase {
  return {
    apply: (facts) =>
      patiently(() =>
        ask(
          // Without the columns that are null here, the answer is half as long.
          client.rpc("apply_clerk_facts", { p_facts: toJson(facts) }, counted)
            .select("item,outcome,reason"),
          written,
        )
      ),
    repair: (facts) =>
      patiently(() =>
        ask(client.rpc("repair_clerk_facts", { p_facts: toJson(facts) }, counted), written)
      ),
    compare: (facts) =>
      patiently(() =>
        ask(client.rpc("compare_clerk_facts", { p_facts: toJson(facts) }, counted), compared)
      ),
    async measure(resource, range) {
      const asks = { p_resource: resource, ...limits(range) };
      const answer = await patiently(() => ask(client.rpc("measure_clerk_rows", asks), measured));
      if (!answer.ok) return answer;
      const [{ rows, middle, undated } = { rows: 0, middle: null, undated: 0 }] = answer.value;
      return succeed({ rows, undated, middle: middle === null ? undefined : Date.parse(middle) });
    },
    findUnlisted: (resource, listed, range, after) =>
      patiently(() =>
        ask(
          client.rpc("find_unlisted_clerk_rows", {
            p_resource: resource,
            p_listed: [...listed],
            ...limits(range),
            p_after: after,
          }, counted),
          unlistedRows,
        )
      ),
    findUndated: (resource, after) =>
      patiently(() =>
        ask(
          client.rpc("find_undated_clerk_rows", { p_resource: resource, p_after: after }, counted),
          unlistedRows,
        )
      ),
  };
}

function limits({ from, to }: RowRange): { p_from?: string; p_to?: string } {
  return {
    ...(from === null ? {} : { p_from: from }),
    ...(to === null ? {} : { p_to: to }),
  };
}
