import { mergeMetadata } from "../metadata.ts";
import type { OrganizationMetadata, OrganizationPatch } from "./bodies.ts";
import type { OrganizationDocument } from "./document.ts";

/** The organization after a `PATCH`. Fields that are absent, null or blank stay. */
export function patchedOrganization(
  organization: OrganizationDocument,
  { name, slug, created_at: createdAt }: OrganizationPatch,
): OrganizationDocument {
  return {
    ...organization,
    name: name ?? organization.name,
    slug: slug || organization.slug,
    created_at: createdAt ? Date.parse(createdAt) : organization.created_at,
  };
}

/** An organization or a membership with metadata merged in. */
export function withMetadata<T extends OrganizationMetadata>(
  subject: T,
  change: OrganizationMetadata,
): T {
  return {
    ...subject,
    public_metadata: mergeMetadata(subject.public_metadata, change.public_metadata),
    private_metadata: mergeMetadata(subject.private_metadata, change.private_metadata),
  };
}
