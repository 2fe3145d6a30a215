import type {
  Fact,
  MembershipDeletedFact,
  MembershipFact,
  OrganizationFact,
  UserFact,
} from "../../../supabase/functions/_shared/facts/fact.ts";
import { eventBody } from "../clerk/event_json.ts";
import { clerkMembershipJson, clerkOrganizationJson, joining } from "../clerk/organization_json.ts";
import { clerkUserJson, emailAddressJson, phoneNumberJson } from "../clerk/user_json.ts";

type Json = Readonly<Record<string, unknown>>;

/** The body of the event that brings a fact. `happened` applies to states. */
export function eventOf(fact: Fact, happened: "created" | "updated" = "updated"): string {
  switch (fact.kind) {
    case "user":
      return eventBody(`user.${happened}`, userJson(fact));
    case "user_deleted":
      return eventBody("user.deleted", deletedJson("user", fact), endOf(fact));
    case "organization":
      return eventBody(`organization.${happened}`, organizationJson(fact));
    case "organization_deleted":
      return eventBody("organization.deleted", deletedJson("organization", fact), endOf(fact));
    case "membership":
      return eventBody(`organizationMembership.${happened}`, membershipJson(fact));
    case "membership_deleted":
      return eventBody("organizationMembership.deleted", membershipJson(fact), endOf(fact));
  }
}

function userJson(fact: UserFact): Json {
  const { clerk_id: id, email, email_verified: isVerified, phone } = fact;
  const verification = isVerified ? { status: "verified", strategy: "email_code" } : null;
  return clerkUserJson({
    id,
    first_name: fact.first_name,
    last_name: fact.last_name,
    username: fact.username,
    image_url: fact.image_url,
    external_id: fact.external_id,
    primary_email_address_id: email === null ? null : "idn_primary",
    email_addresses: [
      emailAddressJson("idn_first", "first@example.com"),
      ...(email === null ? [] : [emailAddressJson("idn_primary", email, { verification })]),
    ],
    primary_phone_number_id: phone === null ? null : "idn_phone",
    phone_numbers: phone === null ? [] : [phoneNumberJson("idn_phone", phone)],
    public_metadata: fact.public_metadata,
    banned: fact.banned,
    locked: fact.locked,
    last_sign_in_at: fact.last_sign_in_at === null ? null : Date.parse(fact.last_sign_in_at),
    ...timesOf(fact),
  });
}

function organizationJson(fact: OrganizationFact): Json {
  return clerkOrganizationJson({
    id: fact.clerk_id,
    name: fact.name,
    slug: fact.slug,
    image_url: fact.image_url,
    created_by: fact.created_by,
    public_metadata: fact.public_metadata,
    ...timesOf(fact),
  });
}

/** Its copy of the organization is newer than any state, so that a reader of the copy would be noticed. */
function membershipJson(fact: MembershipFact | MembershipDeletedFact): Json {
  const { clerk_id: id, role, permissions, user_clerk_id: user } = fact;
  const { organization, public_user_data: member } = joining(
    user ?? "",
    fact.organization_clerk_id,
    { name: "Embedded", slug: "embedded", updated_at: 4e12 },
  );
  return clerkMembershipJson({
    id,
    role,
    // Clerk does not sort them.
    permissions: permissions.toReversed(),
    organization,
    public_user_data: user === null ? undefined : member,
    ...timesOf(fact),
  });
}

function timesOf(state: { readonly clerk_created_at: string; readonly clerk_updated_at: string }) {
  return {
    created_at: Date.parse(state.clerk_created_at),
    updated_at: Date.parse(state.clerk_updated_at),
  };
}

function deletedJson(object: string, { clerk_id: id }: { readonly clerk_id: string }): Json {
  return { object, id, deleted: true };
}

function endOf({ deleted_at: at }: { readonly deleted_at: string }): Json {
  return { timestamp: Date.parse(at) };
}
