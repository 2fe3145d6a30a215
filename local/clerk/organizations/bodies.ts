import { z } from "zod";
import { metadata } from "../metadata.ts";

/** Characters. */
const longestName = 256;

const name = z.string().min(1).max(longestName);
const settings = {
  slug: z.string().nullish(),
  created_at: z.iso.datetime({ offset: true }).nullish(),
};

/** Body of `POST /v1/organizations`. */
export const newOrganization = z.strictObject({
  ...settings,
  name,
  created_by: z.string().nullish(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
});
export type NewOrganization = z.infer<typeof newOrganization>;

/** Body of `PATCH /v1/organizations/{organization_id}`. Since version 2026-05-12 it takes no metadata. */
export const organizationPatch = z.strictObject({ ...settings, name: name.nullish() });
export type OrganizationPatch = z.infer<typeof organizationPatch>;

/** Body of `PATCH …/metadata` of an organization and of a membership. */
export const organizationMetadata = z.strictObject({
  public_metadata: metadata.default({}),
  private_metadata: metadata.default({}),
});
export type OrganizationMetadata = z.infer<typeof organizationMetadata>;

/** Body of `POST /v1/organizations/{organization_id}/memberships`. */
export const newMembership = z.strictObject({
  user_id: z.string(),
  role: z.string(),
  public_metadata: metadata.nullish(),
  private_metadata: metadata.nullish(),
});
export type NewMembership = z.infer<typeof newMembership>;

/** Body of `PATCH /v1/organizations/{organization_id}/memberships/{user_id}`. */
export const membershipPatch = z.strictObject({ role: z.string() });
