/** A role that members can have. */
export interface OrganizationRole {
  readonly name: string;
  /** Each is `org:FEATURE:ACTION`. A feature that begins with `sys_` is Clerk's own. */
  readonly permissions: readonly string[];
}

/** The role of an organization's creator. */
export const creatorRole = "org:admin";

/** The roles that every new Clerk instance has, by key. */
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
