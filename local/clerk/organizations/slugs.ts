import { clerkErrors, done, type Outcome, refused } from "../http/errors.ts";
import type { OrganizationStore } from "./store.ts";

/** A slug that a caller asks for, if it is well formed and no other organization has it. */
export function freeSlug(
  slug: string,
  organizationId: string,
  organizations: OrganizationStore,
): Outcome<string> {
  if (!/^[a-z0-9-]+$/.test(slug)) {
    return refused(clerkErrors.parameterFormatInvalid(
      "slug",
      'slug can contain only lowercase alphanumeric characters and the dash "-".',
    ));
  }
  const holder = organizations.findBySlug(slug);
  if (holder !== undefined && holder.id !== organizationId) {
    return refused(clerkErrors.identifierExists("slug", "slug"));
  }
  return done(slug);
}

/** A slug from a name, with the time in seconds behind it, or later ones, where it is taken. */
export function slugFor(name: string, at: number, organizations: OrganizationStore): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{Mark}/gu, "").toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  const stem = plain || "organization";
  let slug = stem;
  for (let suffix = Math.floor(at / 1000); organizations.findBySlug(slug); suffix++) {
    slug = `${stem}-${suffix}`;
  }
  return slug;
}
