import assert from "node:assert/strict";
import { z } from "zod";
import { askDouble } from "../../../local/clerk/control_client.ts";
import { shownColumns } from "../facts/user_states.ts";
import { clerk } from "./clerk.ts";
import { runningStack } from "./running_stack.ts";
import { readRow } from "./supabase.ts";

const identifications = z.array(z.looseObject({
  id: z.string(),
  verification: z.object({ status: z.string() }).nullable(),
}));

/** What this test wants to know of a user, in Clerk's own words. */
const clerkUser = z.object({
  primary_email_address_id: z.string().nullable(),
  email_addresses: identifications,
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  username: z.string().nullable(),
  image_url: z.string(),
  external_id: z.string().nullable(),
  public_metadata: z.record(z.string(), z.unknown()),
  banned: z.boolean(),
  locked: z.boolean(),
  last_sign_in_at: z.int().nullable(),
  created_at: z.int(),
  updated_at: z.int(),
});

/** Asserts that the user's row shows what Clerk's Backend API says. */
export async function assertAsInClerk(userId: string): Promise<void> {
  const { raw } = await clerk().users.getUser(userId);
  const user = clerkUser.parse(raw);
  const email = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  const row = await readRow(userId);
  assert.ok(row, "a user who is at Clerk has a row");
  assert.deepEqual(shownColumns(row), {
    email: email?.email_address ?? null,
    email_verified: email?.verification?.status === "verified",
    first_name: user.first_name,
    last_name: user.last_name,
    username: user.username,
    image_url: user.image_url,
    phone: null,
    external_id: user.external_id,
    public_metadata: user.public_metadata,
    banned: user.banned,
    locked: user.locked,
    last_sign_in_at: user.last_sign_in_at,
    clerk_created_at: user.created_at,
    clerk_updated_at: user.updated_at,
  });
  assert.equal(row.is_active, true);
  assert.equal(row.deleted_at, null);
}

const messages = z.object({
  data: z.array(z.object({
    id: z.string(),
    type: z.string(),
    status: z.enum(["pending", "delivered", "failed"]),
    payload: z.looseObject({ timestamp: z.int() }),
    attempts: z.array(z.object({ status: z.int().nullable() })),
  })),
  counts: z.object({ pending: z.int(), delivered: z.int(), failed: z.int() }),
});

/** What Svix was to deliver, and how that went; at most 1,000, newest first. */
export async function readMessages(filter: Readonly<Record<string, string>> = {}) {
  const query = new URLSearchParams({ limit: "1000", ...filter });
  const response = await askDouble(runningStack(), "GET", `messages?${query}`);
  return messages.parse(await response.json());
}

/** Makes Svix deliver a message again. */
export async function resend(messageId: string): Promise<void> {
  const response = await askDouble(runningStack(), "POST", `messages/${messageId}/resend`);
  await response.body?.cancel();
  assert.equal(response.status, 200);
}

/** Holds Svix' deliveries back, or lets them go. */
export async function pauseWebhooks(paused: boolean): Promise<void> {
  const response = await askDouble(runningStack(), "PUT", "endpoint", { paused });
  await response.body?.cancel();
  assert.equal(response.status, 200);
}
