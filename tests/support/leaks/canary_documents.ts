import { clerkMembershipJson, clerkOrganizationJson } from "../clerk/organization_json.ts";
import { clerkUserJson } from "../clerk/user_json.ts";
import { newClerkId } from "../facts/facts.ts";
import { canary } from "./leak.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An address that no other test uses. */
export const email = `${canary}${crypto.randomUUID()}@example.com`;
export const metadata: Fields = { [`${canary}key`]: `${canary}value`, email };

/** A user with the canary in every text. `parts` replaces single fields. */
export function canaryUser(parts: Fields = {}): Fields {
  return clerkUserJson({
    id: newClerkId(),
    first_name: `${canary}first`,
    last_name: `${canary}last`,
    username: `${canary}username`,
    image_url: `https://example.com/${canary}image`,
    external_id: `${canary}external`,
    email_addresses: [{
      id: "idn_work",
      email_address: email,
      verification: { status: "verified" },
    }],
    public_metadata: metadata,
    private_metadata: metadata,
    unsafe_metadata: metadata,
    ...parts,
  });
}

/** An organization with the canary in every text. */
export function canaryOrganization(parts: Fields = {}): Fields {
  return clerkOrganizationJson({
    id: newClerkId("org"),
    name: `${canary}name`,
    slug: `${canary}slug`,
    image_url: `https://example.com/${canary}image`,
    public_metadata: metadata,
    private_metadata: metadata,
    ...parts,
  });
}

/** A membership with the canary in every text, including its organization's and user's. */
export function canaryMembership(parts: Fields = {}): Fields {
  return clerkMembershipJson({
    id: newClerkId("orgmem"),
    role: `org:${canary}role`,
    role_name: `${canary}role`,
    permissions: [`org:${canary}:read`],
    public_metadata: metadata,
    private_metadata: metadata,
    organization: canaryOrganization(),
    public_user_data: { user_id: newClerkId(), first_name: `${canary}first`, identifier: email },
    ...parts,
  });
}
