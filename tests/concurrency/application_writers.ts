import assert from "node:assert/strict";
import { pause } from "../support/eventually.ts";
import { backend, frontend } from "../support/stack/supabase.ts";
import type { SignedInUser } from "./real_writers.ts";
import type { Writer } from "./synthetic_writers.ts";

/** The application's own data about users, as last written. */
export type WrittenMetadata = Map<string, { readonly note: string }>;

/** Writes one user's metadata as a server of the application. Only one of these may write a user. */
export function createServerMetadataWriter(clerkId: string, written: WrittenMetadata): Writer {
  return async (random) => {
    const metadata = { note: random.token() };
    const { data } = await backend().from("users").update({ metadata }).eq("clerk_id", clerkId)
      .select("clerk_id").throwOnError();
    // None before the user's first event.
    if (data.length > 0) written.set(clerkId, metadata);
    await pause(5);
  };
}

/** Writes a user's metadata as they themselves, with their session token. */
export function createOwnMetadataWriter(user: SignedInUser, written: WrittenMetadata): Writer {
  return async (random) => {
    const metadata = { note: random.token() };
    const { data } = await frontend(await user.token()).from("users").update({ metadata })
      .eq("clerk_id", user.id).select("clerk_id").throwOnError();
    assert.ok(data.length === 1, "the row of an active user is theirs to update");
    written.set(user.id, metadata);
    await pause(5);
  };
}

/** Erases and forgets, as a scheduled job does, only more often. */
export const purge: Writer = async (random) => {
  const database = backend();
  if (random.chance(0.5)) {
    await database.rpc("purge_deleted_users", { p_older_than: "30 days" }).throwOnError();
  } else {
    await database.rpc("purge_clerk_deliveries", { p_older_than: "1 second" }).throwOnError();
  }
  await pause(100);
};
