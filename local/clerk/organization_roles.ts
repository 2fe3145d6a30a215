import { z } from "zod";
import type { Storage } from "./storage.ts";

/** A role that members can have, as `PUT /double/roles/{key}` takes it. */
export const organizationRole = z.strictObject({
  name: z.string(),
  /** `org:FEATURE:ACTION`; a feature that begins with `sys_` is Clerk's own. */
  permissions: z.array(z.string().regex(/^org:[a-z0-9_]+:[a-z0-9_]+$/)),
});

/** A role that members can have. */
export type OrganizationRole = z.infer<typeof organizationRole>;

/** The role of whoever makes an organization. */
export const CREATOR_ROLE = "org:admin";

/** The roles that every instance of Clerk begins with. */
const DEFAULT_ROLES = new Map<string, OrganizationRole>([
  [CREATOR_ROLE, {
    name: "Admin",
    permissions: [
      "org:sys_profile:manage",
      "org:sys_profile:delete",
      "org:sys_memberships:read",
      "org:sys_memberships:manage",
      "org:sys_domains:read",
      "org:sys_domains:manage",
      "org:sys_billing:read",
      "org:sys_billing:manage",
    ],
  }],
  ["org:member", {
    name: "Member",
    permissions: ["org:sys_memberships:read", "org:sys_billing:read"],
  }],
]);

/** The instance's roles, by key. */
export interface OrganizationRoles {
  find(key: string): OrganizationRole | undefined;
  /** Adds a role, or changes what it permits. */
  put(key: string, role: OrganizationRole): void;
}

/** Clerk's default roles, and over them those in the table `organization_roles`. */
export function createOrganizationRoles(storage: Storage): OrganizationRoles {
  return {
    find(key) {
      const row = storage.get("select document from organization_roles where key = ?", key);
      if (row === undefined) return DEFAULT_ROLES.get(key);
      return organizationRole.parse(JSON.parse(String(row.document)));
    },
    put(key, role) {
      storage.run(
        `insert into organization_roles (key, document) values (?, ?)
         on conflict (key) do update set document = excluded.document`,
        key,
        JSON.stringify(role),
      );
    },
  };
}
