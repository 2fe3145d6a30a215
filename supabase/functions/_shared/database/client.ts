import * as z from "zod/mini";
import type { FactItem } from "../facts/fact.ts";
import { fail, type Result, succeed } from "../failure.ts";
import type { SupabaseSettings } from "../settings/supabase.ts";
import { upstreamTimeSignal } from "../time_limit.ts";
import type { Json } from "./database.types.ts";
import { cutOff, type DatabaseError, databaseFailure } from "./failure.ts";
import { createSupabaseClient } from "./supabase.ts";

/** A row of public.users as PostgREST shows it to the user: only the columns that they may read. */
export type UserRow = Readonly<Record<string, unknown>>;

/** A user's row and the organizations they belong to. */
export interface FoundUser {
  readonly user: UserRow;
  /** Not deleted, not deactivated by the application, not banned. */
  readonly active: boolean;
  readonly organizations: readonly UserOrganization[];
}

/** `name` and `slug` are null until the organization's own event has arrived. */
export interface UserOrganization {
  readonly clerk_id: string;
  readonly name: string | null;
  readonly slug: string | null;
  /** Such as org:admin. */
  readonly role: string;
}

/** What may become of an item: see the comment on `public.apply_clerk_facts()`. */
export const outcomes = [
  "created",
  "updated",
  "unchanged",
  "stale",
  "duplicate",
  "invalid",
  "rejected",
] as const;

/** The outcome of an item: see the comment on `public.apply_clerk_facts()`. */
export interface Applied {
  readonly outcome: typeof outcomes[number];
  /** If rejected: SQLSTATE and names. If invalid: the reason that the fact gives. */
  readonly reason: string | null;
  /** The user's current row, if asked for. `active` is as in `FoundUser`. */
  readonly user: UserRow | null;
  readonly active: boolean | null;
}

export interface ApplyOptions {
  readonly returnUsers: boolean;
}

/** Fails with what `databaseFailure()` returns. */
export interface DatabaseClient {
  /** Writes a batch in one round trip. Returns one outcome per item, in order. */
  applyFacts(
    items: readonly FactItem[],
    options: ApplyOptions,
  ): Promise<Result<readonly Applied[]>>;
  /** Reads users in one round trip, in the order of the ids. Null if there is no row. */
  findUsers(clerkIds: readonly string[]): Promise<Result<readonly (FoundUser | null)[]>>;
}

const userRow = z.record(z.string(), z.unknown());

const appliedItems = z.array(z.object({
  item: z.int(),
  outcome: z.enum(outcomes),
  reason: z.nullable(z.string()),
  user: z.nullable(userRow),
  active: z.nullable(z.boolean()),
}));

const foundUsers = z.array(z.object({
  clerk_id: z.string(),
  user: userRow,
  active: z.boolean(),
  organizations: z.array(z.object({
    clerk_id: z.string(),
    name: z.nullable(z.string()),
    slug: z.nullable(z.string()),
    role: z.string(),
  })),
}));

export function createDatabaseClient(settings: SupabaseSettings): DatabaseClient {
  // Callers can retry themselves, so it fails at once.
  const supabase = createSupabaseClient(settings);
  // supabase-js takes an empty 404, and a failure whose body is null, for answers without data.
  const failed = (error: DatabaseError | null, status: number) =>
    databaseFailure(error ?? {}, status, settings.keyVariable);

  return {
    async applyFacts(items, { returnUsers }) {
      const { data, error, status } = await supabase
        .rpc("apply_clerk_facts", { p_facts: toJson(items), p_return_users: returnUsers })
        .abortSignal(upstreamTimeSignal());
      if (error || data === null) return failed(error, status);
      const applied = appliedItems.parse(data);
      return applied.length < items.length ? cutOff() : succeed(applied);
    },

    async findUsers(clerkIds) {
      // One row is never cut off, and the count costs a read some of its time.
      const counted = clerkIds.length > 1 ? { count: "exact" as const } : {};
      const { data, count, error, status } = await supabase
        .rpc("find_clerk_users", { p_clerk_ids: [...clerkIds] }, { get: true, ...counted })
        .abortSignal(upstreamTimeSignal());
      if (error || data === null) return failed(error, status);
      if (data.length < (count ?? 0)) return cutOff();
      const found = new Map(foundUsers.parse(data).map((user) => [user.clerk_id, user]));
      return succeed(clerkIds.map((id) => found.get(id) ?? null));
    },
  };
}

/** The failure for an item that the database did not accept. */
export function refusalOf(applied: Applied): Result<never> {
  return fail("database_refused", { reason: `rejected: ${applied.reason}` });
}

/** The items as `p_facts` takes them. */
export function toJson(items: readonly FactItem[]): Json {
  return items.map(({ delivery, ...fact }) =>
    delivery ? { ...fact, delivery: { ...delivery } } : fact
  );
}
