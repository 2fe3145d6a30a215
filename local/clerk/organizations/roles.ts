/** A role that members can have. */
export interface OrganizationRole {
  readonly name: string;
  /** `org:FEATURE:ACTION`; a feature that begins with `sys_` is Clerk's own. */
  readonly permissions: readonly string[];
}

/** The role of whoever makes an organization. */
export const creatorRole = "org:admin";

/** The roles that every instance of Clerk begins with, by key. */
export const organizationRoles: ReadonlyMap<string, OrganizationRole> = new Map([
  [creatorRole, {
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
