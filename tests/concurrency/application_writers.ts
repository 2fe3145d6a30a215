import assert from "node:assert/strict";
import { pause } from "../support/eventually.ts";
import { backend, frontend } from "../support/stack/supabase.ts";
import type { SignedInUser } from "./real_writers.ts";
import type { Writer } from "./synthetic_writers.ts";

/** The application's own data about users, as it wrote them last. */
export type WrittenMetadata = Map<string, { readonly note: string }>;

/** Writes one user's metadata as the application's server. A user may have only one such writer. */
export function createServerMetadataWriter(clerkId: string, written: WrittenMetadata): Writer {
  return async (random) => {
    const metadata = { note: random.token() };
    const { data } = await backend().from("users").update({ metadata }).eq("clerk_id", clerkId)
      .select("clerk_id").throwOnError();
    // There is no row before the user's first event.
    if (data.length > 0) written.set(clerkId, metadata);
    await pause(5);
  };
}

/** Writes a user's metadata as the user, with their session token. */
export function createOwnMetadataWriter(user: SignedInUser, written: WrittenMetadata): Writer {
  return async (random) => {
    const metadata = { note: random.token() };
    const { data } = await frontend(await user.token()).from("users").update({ metadata })
      .eq("clerk_id", user.id).select("clerk_id").throwOnError();
    assert.ok(data.length === 1, "an active user can update their row");
    written.set(user.id, metadata);
    await pause(5);
  };
}

/** Purges users or deliveries, like a scheduled job but more often. */
export const purge: Writer = async (random) => {
  const database = backend();
  if (random.chance(0.5)) {
    await database.rpc("purge_deleted_users", { p_older_than: "30 days" }).throwOnError();
  } else {
    await database.rpc("purge_clerk_deliveries", { p_older_than: "1 second" }).throwOnError();
  }
  await pause(100);
};
