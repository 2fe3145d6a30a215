import { z } from "zod";

const NAME_MAX_LENGTH = 256;

const metadata = z.record(z.string(), z.unknown());
const name = z.string().min(1).max(NAME_MAX_LENGTH);
const settings = {
  slug: z.string().nullish(),
  created_at: z.iso.datetime({ offset: true }).nullish(),
};

/** Body of `POST /v1/organizations`. */
export const createOrganizationBody = z.strictObject({
  ...settings,
  name,
  created_by: z.string().nullish(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
});
/** An organization to create. */
export type CreateOrganizationBody = z.infer<typeof createOrganizationBody>;

/** Body of `PATCH /v1/organizations/{organization_id}`; since 2026-05-12 it takes no metadata. */
export const updateOrganizationBody = z.strictObject({
  ...settings,
  name: name.nullish(),
});
/** What to change of an organization. */
export type UpdateOrganizationBody = z.infer<typeof updateOrganizationBody>;

/** Body of the metadata routes of organizations and of memberships. */
export const organizationMetadataBody = z.strictObject({
  public_metadata: metadata.optional(),
  private_metadata: metadata.optional(),
});
/** Metadata to merge. */
export type OrganizationMetadataBody = z.infer<typeof organizationMetadataBody>;

/** Body of `POST /v1/organizations/{organization_id}/memberships`. */
export const createMembershipBody = z.strictObject({
  user_id: z.string(),
  role: z.string(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
});
/** A member to add. */
export type CreateMembershipBody = z.infer<typeof createMembershipBody>;

/** Body of `PATCH /v1/organizations/{organization_id}/memberships/{user_id}`. */
export const updateMembershipBody = z.strictObject({ role: z.string() });
