/** The organization that a session is active in, and the user's role there. */
export interface ActiveOrganization {
  id: string;
  slug: string;
  /** `org:admin` and the like. */
  role: string;
}

/**
 * What is said of the active organization in a token. The double's roles have only Clerk's own
 * permissions, which Clerk leaves out of tokens: hence no `per`, `fpm` and `fea`.
 */
export function organizationClaims({ id, slug, role }: ActiveOrganization) {
  return { o: { id, slg: slug, rol: role.replace(/^org:/, "") } };
}
