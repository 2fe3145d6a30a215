import { z } from "zod";
import { metadata } from "../metadata.ts";

const milliseconds = z.int();

/** An organization as the double stores it. */
export const organizationDocument = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  public_metadata: metadata,
  private_metadata: metadata,
  /** The id of the user who made it, even if deleted since; null if none was named. */
  created_by: z.string().nullable(),
  created_at: milliseconds,
  updated_at: milliseconds,
});
export type OrganizationDocument = z.infer<typeof organizationDocument>;

/** A user's membership in an organization as the double stores it. */
export const membershipDocument = z.object({
  id: z.string(),
  organization_id: z.string(),
  user_id: z.string(),
  role: z.string(),
  public_metadata: metadata,
  private_metadata: metadata,
  created_at: milliseconds,
  updated_at: milliseconds,
});
export type MembershipDocument = z.infer<typeof membershipDocument>;
