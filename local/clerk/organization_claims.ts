/** The organization that a session is active in, and what the user may do there. */
export interface ActiveOrganization {
  id: string;
  slug: string;
  /** `org:admin` and the like. */
  role: string;
  permissions: readonly string[];
}

/** What is said of the active organization in a version 2 token: `o`, and its features in `fea`. */
export function organizationClaims(active: ActiveOrganization): Record<string, unknown> {
  const { fea, ...permitted } = permissionClaims(customOf(active.permissions));
  const o = {
    id: active.id,
    slg: active.slug,
    rol: active.role.replace(/^org:/, ""),
    ...permitted,
  };
  return fea === undefined ? { o } : { fea, o };
}

/** Clerk leaves its own permissions out of tokens. */
function customOf(permissions: readonly string[]): string[] {
  return permissions.filter((permission) => !permission.startsWith("org:sys_"));
}

/**
 * Permissions `org:FEATURE:ACTION` as Clerk packs them: the features in `fea`, the actions in `per`,
 * and in `fpm` for each feature a number whose bits say which of the actions, the first the lowest.
 */
function permissionClaims(
  permissions: readonly string[],
): { fea?: string; per?: string; fpm?: string } {
  if (permissions.length === 0) return {};
  const parts = permissions.map((permission) => {
    const [, feature = "", action = ""] = permission.split(":");
    return { feature, action };
  });
  const features = [...new Set(parts.map(({ feature }) => feature))].sort();
  const actions = [...new Set(parts.map(({ action }) => action))].sort();
  const bits = features.map((feature) => {
    const permitted = new Set(
      parts.filter((part) => part.feature === feature).map(({ action }) => action),
    );
    return actions.reduce((sum, action, bit) => permitted.has(action) ? sum + 2 ** bit : sum, 0);
  });
  return {
    fea: features.map((feature) => `o:${feature}`).join(","),
    per: actions.join(","),
    fpm: bits.join(","),
  };
}
