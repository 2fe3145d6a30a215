import { newClerkId } from "../support/facts/facts.ts";

/** Rows by table. */
export type World = Readonly<Record<string, readonly Readonly<Record<string, unknown>>[]>>;

const size = 300;
const [large, small] = [newClerkId("org"), newClerkId("org")];

/** Ids of two organizations. Each is large in one world and small in the other. */
export const contested: readonly string[] = [large, small];

/** Sorts between the texts of the two worlds. */
export const middle = "n";

/**
 * A world in which every text begins with this letter, every time is in this year, and most memberships
 * are in one organization. In the world without deletions, every column that can be null is.
 */
function makeWorld(letter: string, year: string, most: string, few: string): World {
  const then = `${year}-01-01T00:00:00Z`;
  const ended = letter > middle;
  const indices = Array.from({ length: size }, (_, index) => index);
  const text = (index: number) => `${letter}${index % 7}`;
  const optional = (index: number) => ended ? text(index) : null;
  const uuid = () => `${ended ? "f" : "0"}${crypto.randomUUID().slice(1)}`;
  const common = {
    public_metadata: { [letter]: letter },
    metadata: { [letter]: letter },
    is_active: !ended,
    deleted_at: ended ? then : null,
    synced_at: ended ? then : null,
    clerk_created_at: then,
    clerk_updated_at: then,
    created_at: then,
    updated_at: then,
  };
  const { public_metadata: _, ...ofMembership } = common;
  const clerkId = (prefix: "user" | "org" | "orgmem") => `${letter}_${newClerkId(prefix)}`;
  return {
    users: indices.map((index) => ({
      ...common,
      id: uuid(),
      clerk_id: clerkId("user"),
      email: text(index),
      email_verified: ended,
      first_name: text(index),
      last_name: optional(index),
      username: optional(index),
      image_url: optional(index),
      phone: optional(index),
      external_id: optional(index),
      banned: ended,
      locked: ended,
      last_sign_in_at: ended ? then : null,
    })),
    organizations: indices.map((index) => ({
      ...common,
      id: uuid(),
      clerk_id: clerkId("org"),
      name: text(index),
      slug: optional(index),
      image_url: optional(index),
      created_by: optional(index),
    })),
    organization_memberships: indices.map((index) => ({
      ...ofMembership,
      id: uuid(),
      clerk_id: clerkId("orgmem"),
      organization_clerk_id: index % 10 === 0 ? few : most,
      user_clerk_id: text(index),
      role: text(index),
      permissions: [text(index)],
    })),
  };
}

/** Two worlds of the same size without a common value. The organizations' sizes are exchanged. */
export const worlds: readonly World[] = [
  makeWorld("a", "2001", large, small),
  makeWorld("z", "2025", small, large),
];
