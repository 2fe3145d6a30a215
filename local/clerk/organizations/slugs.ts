import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import type { OrganizationStore } from "./store.ts";

/** The requested slug, if it is well formed and no other organization has it. */
export function freeSlug(
  slug: string,
  organizationId: string,
  organizationStore: OrganizationStore,
): Result<string> {
  if (!/^[a-z0-9-]+$/.test(slug)) {
    return clerkErrors.parameterFormatInvalid(
      "slug",
      'slug can contain only lowercase alphanumeric characters and the dash "-".',
    );
  }
  const holder = organizationStore.findBySlug(slug);
  if (holder && holder.id !== organizationId) return clerkErrors.identifierExists("slug", "slug");
  return succeed(slug);
}

/**
 * Makes a slug from a name. If it is taken, appends the time in seconds, or the next number that is free.
 *
 * @param at milliseconds since the epoch
 */
export function slugFor(name: string, at: number, organizationStore: OrganizationStore): string {
  const plain = name.normalize("NFKD").replaceAll(/\p{Mark}/gu, "").toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  const stem = plain || "organization";
  let slug = stem;
  for (let suffix = Math.floor(at / 1000); organizationStore.findBySlug(slug); suffix++) {
    slug = `${stem}-${suffix}`;
  }
  return slug;
}
