import * as z from "zod/mini";
import type { OrganizationFact } from "../facts/fact.ts";
import { clerkId, clerkTime, metadata, optionalText, text } from "./values.ts";

/**
 * Parses Clerk's Organization object, from an event or from the Backend API, into a fact. Does not
 * read private metadata.
 *
 * @see https://clerk.com/docs/reference/backend-api (Organization)
 */
export const clerkOrganization = z.pipe(
  z.object({
    id: clerkId,
    name: text,
    slug: optionalText,
    image_url: optionalText,
    created_by: optionalText,
    public_metadata: metadata,
    created_at: clerkTime,
    updated_at: clerkTime,
  }),
  z.transform((organization): OrganizationFact => ({
    kind: "organization",
    clerk_id: organization.id,
    name: organization.name,
    slug: organization.slug,
    image_url: organization.image_url,
    created_by: organization.created_by,
    public_metadata: organization.public_metadata,
    clerk_created_at: organization.created_at,
    clerk_updated_at: organization.updated_at,
  })),
);
