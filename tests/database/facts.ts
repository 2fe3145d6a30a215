import type { UserDeletedFact, UserFact } from "../../supabase/functions/_shared/fact.ts";

/** A user's state, complete and plausible, with what a test wants otherwise. */
export function userFact(clerkId: string, parts: Partial<UserFact> = {}): UserFact {
  return {
    kind: "user",
    clerk_id: clerkId,
    email: "ada@example.com",
    email_verified: true,
    first_name: "Ada",
    last_name: "Lovelace",
    username: null,
    image_url: "https://img.example.com/ada.png",
    phone: null,
    external_id: null,
    public_metadata: { plan: "pro" },
    banned: false,
    locked: false,
    last_sign_in_at: null,
    clerk_created_at: "2026-01-01T00:00:00.000Z",
    clerk_updated_at: "2026-01-02T00:00:00.000Z",
    ...parts,
  };
}

export function userDeletedFact(clerkId: string, deletedAt: string): UserDeletedFact {
  return { kind: "user_deleted", clerk_id: clerkId, deleted_at: deletedAt };
}

/** A Clerk id that no other test uses: a user's, or of what the prefix says. */
export function newClerkId(prefix: "user" | "org" | "orgmem" = "user"): string {
  return `${prefix}_${crypto.randomUUID().replaceAll("-", "")}`;
}
