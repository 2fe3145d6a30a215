import * as z from "zod/mini";
import type { MembershipFact } from "../facts/fact.ts";
import { clerkId, clerkTime, text } from "./values.ts";

/**
 * Parses Clerk's OrganizationMembership object, from an event or from the Backend API, into a fact.
 * Reads only the ids of the nested organization and user: their own events say more, and later.
 *
 * @see https://clerk.com/docs/reference/backend-api (OrganizationMembership)
 */
export const clerkMembership = z.pipe(
  z.object({
    id: clerkId,
    role: text,
    permissions: z.nullish(z.array(text)),
    organization: z.object({ id: clerkId }),
    public_user_data: z.nullish(z.object({ user_id: clerkId })),
    created_at: clerkTime,
    updated_at: clerkTime,
  }),
  z.transform((membership): MembershipFact => ({
    kind: "membership",
    clerk_id: membership.id,
    organization_clerk_id: membership.organization.id,
    user_clerk_id: membership.public_user_data?.user_id ?? null,
    role: membership.role,
    // The same permissions in another order are the same state.
    permissions: [...new Set(membership.permissions)].sort(),
    clerk_created_at: membership.created_at,
    clerk_updated_at: membership.updated_at,
  })),
);
