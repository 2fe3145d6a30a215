/** A role that members can have. */
export interface OrganizationRole {
  name: string;
  /** `org:FEATURE:ACTION`; a feature that begins with `sys_` is Clerk's own. */
  permissions: readonly string[];
}

/** The role of whoever makes an organization. */
export const CREATOR_ROLE = "org:admin";

/** The roles that every instance of Clerk begins with, by key. */
export const ORGANIZATION_ROLES: ReadonlyMap<string, OrganizationRole> = new Map([
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
