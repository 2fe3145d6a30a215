import { z } from "zod";
import { newId } from "./ids.ts";
import type { MembershipStore } from "./membership_store.ts";
import { CREATOR_ROLE } from "./organization_roles.ts";
import type { OrganizationStore } from "./organization_store.ts";
import type { Storage } from "./storage.ts";

const SPACING_MS = 1_000;
const userRow = z.object({ id: z.string() });

/**
 * Adds many organizations at once, without events. They were created a second apart, the last one
 * now; `seed` and its number make a slug unique. Each has `members` of the users there are, in turn,
 * the first an admin.
 *
 * @returns How many memberships there are now more, or null where there are fewer users than that.
 */
export function seedOrganizations(options: {
  storage: Storage;
  organizations: OrganizationStore;
  memberships: MembershipStore;
  now: () => number;
  count: number;
  members: number;
  seed: number;
}): number | null {
  const { storage, organizations, memberships, count, members, seed } = options;
  const last = options.now();
  return storage.transaction(() => {
    const users = storage.all("select id from users order by created_at, id")
      .map((row) => userRow.parse(row).id);
    if (users.length < members) return null;
    for (let number = 0; number < count; number++) {
      const at = last - (count - 1 - number) * SPACING_MS;
      const id = newId("org", at);
      organizations.insert({
        id,
        name: `Organization ${seed}-${number}`,
        slug: `organization-${seed}-${number}`,
        public_metadata: { plan: number % 10 === 0 ? "pro" : "free" },
        private_metadata: {},
        created_by: null,
        max_allowed_memberships: 0,
        admin_delete_enabled: true,
        role_set_key: null,
        created_at: at,
        updated_at: at,
      });
      for (let member = 0; member < members; member++) {
        memberships.insert({
          id: newId("orgmem", at),
          organization_id: id,
          user_id: users[(number * members + member) % users.length] ?? "",
          role: member === 0 ? CREATOR_ROLE : "org:member",
          public_metadata: {},
          private_metadata: {},
          created_at: at,
          updated_at: at,
        });
      }
    }
    return count * members;
  });
}
