import assert from "node:assert/strict";
import { z } from "zod";
import { userFact } from "../facts/facts.ts";
import { assertShows } from "../database/assert_rows.ts";
import { clerk } from "./clerk.ts";
import { readRow } from "./supabase.ts";

const identifications = z.array(z.object({
  id: z.string(),
  email_address: z.string(),
  verification: z.object({ status: z.string() }).nullable(),
}));

const milliseconds = z.int().transform((time) => new Date(time).toISOString());

/** The parts of Clerk's user that have a column. */
const clerkUser = z.object({
  primary_email_address_id: z.string().nullable(),
  email_addresses: identifications,
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  username: z.string().nullable(),
  image_url: z.string(),
  external_id: z.string().nullable(),
  public_metadata: z.record(z.string(), z.json()),
  banned: z.boolean(),
  locked: z.boolean(),
  last_sign_in_at: milliseconds.nullable(),
  created_at: milliseconds,
  updated_at: milliseconds,
});

/** Asserts that the user's row shows what Clerk's Backend API says. */
export async function assertAsInClerk(userId: string): Promise<void> {
  const { raw } = await clerk().users.getUser(userId);
  const {
    primary_email_address_id: primary,
    email_addresses: addresses,
    created_at: clerk_created_at,
    updated_at: clerk_updated_at,
    ...columns
  } = clerkUser.parse(raw);
  const email = addresses.find(({ id }) => id === primary);
  const row = await readRow(userId);
  assert.ok(row, "a user at Clerk has a row");
  assertShows(
    row,
    userFact(userId, {
      ...columns,
      email: email?.email_address ?? null,
      email_verified: email?.verification?.status === "verified",
      clerk_created_at,
      clerk_updated_at,
    }),
  );
}
