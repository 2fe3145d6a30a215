import { z } from "zod";
import type { FoundUser } from "../../supabase/functions/_shared/database/client.ts";
import type { Database } from "../../supabase/functions/_shared/database/database.types.ts";

type UserRow = Database["public"]["Tables"]["users"]["Row"];

/** A user without organizations, as the database returns them. */
export function foundUser(changes: Partial<UserRow> = {}): FoundUser {
  return { user: userRow(changes), active: true, organizations: [] };
}

/** The functions pass rows on unchanged, so a test's row need not have every column. */
const anyRow = z.custom<UserRow>();

/** A row of public.users as PostgREST shows it. */
export function userRow(changes: Partial<UserRow> = {}): UserRow {
  return anyRow.parse({
    id: "5e8a6f0c-6d3a-4a57-9d0a-0d9c2f7b1815",
    clerk_id: "user_ada",
    email: "work@example.com",
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    username: "ada",
    image_url: "https://img.clerk.com/ada",
    phone: "+447700900000",
    external_id: "crm-1815",
    public_metadata: { plan: "pro" },
    metadata: {},
    banned: false,
    locked: false,
    is_active: true,
    last_sign_in_at: "2023-11-14T22:18:20+00:00",
    clerk_created_at: "2023-11-14T22:13:20+00:00",
    clerk_updated_at: "2023-11-14T22:23:20.123+00:00",
    deleted_at: null,
    created_at: "2023-11-14T22:13:21+00:00",
    updated_at: "2023-11-14T22:23:21+00:00",
    synced_at: "2023-11-14T22:23:21+00:00",
    ...changes,
  });
}
