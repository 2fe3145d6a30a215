import type { Context } from "../context.ts";
import { defaultImageUrl } from "../image.ts";
import type { UserDocument } from "../users/document.ts";
import type { UserStore } from "../users/store.ts";
import { userImageUrl } from "../users/view.ts";
import type { MembershipDocument, OrganizationDocument } from "./document.ts";
import type { MembershipStore } from "./membership_store.ts";
import { organizationRoles } from "./roles.ts";
import type { OrganizationStore } from "./store.ts";

type Json = Readonly<Record<string, unknown>>;

/** Shows organizations and memberships as the Backend API and the events do. */
export interface OrganizationView {
  /** Shows the number of members by default. */
  organization(organization: OrganizationDocument, options?: { membersCount: boolean }): Json;
  /** Shows the current organization and user with it. Both must still exist. */
  membership(membership: MembershipDocument): Json;
}

export interface OrganizationViewDependencies extends Context {
  readonly organizationStore: OrganizationStore;
  readonly membershipStore: MembershipStore;
  readonly userStore: UserStore;
}

export function createOrganizationView(
  dependencies: OrganizationViewDependencies,
): OrganizationView {
  const { organizationStore, membershipStore, userStore, instanceId } = dependencies;

  function renderOrganization(
    organization: OrganizationDocument,
    { membersCount } = { membersCount: true },
  ): Json {
    const { created_by: createdBy, ...rest } = organization;
    return {
      ...rest,
      object: "organization",
      image_url: defaultImageUrl(organization.id, organization.name.at(0) ?? "", instanceId),
      has_image: false,
      // No limit.
      max_allowed_memberships: 0,
      admin_delete_enabled: true,
      role_set_key: null,
      ...(createdBy === null ? {} : { created_by: createdBy }),
      ...(membersCount ? { members_count: membershipStore.count(organization.id) } : {}),
      pending_invitations_count: 0,
    };
  }

  return {
    organization: renderOrganization,
    membership(membership) {
      const { organization_id: organizationId, user_id: userId, ...rest } = membership;
      const organization = organizationStore.find(organizationId);
      const user = userStore.find(userId);
      const role = organizationRoles.get(membership.role);
      if (!organization || !user || !role) {
        throw new Error(`Membership ${membership.id} outlived its organization, user or role`);
      }
      return {
        ...rest,
        object: "organization_membership",
        role_name: role.name,
        permissions: role.permissions,
        organization: renderOrganization(organization),
        public_user_data: renderPublicUserData(user, instanceId),
      };
    },
  };
}

/** A deleted organization (schema `DeletedObject`). */
export function renderDeletedOrganization({ id }: OrganizationDocument): Json {
  return { object: "organization", id, deleted: true };
}

/** What members of an organization see of a user. */
export function renderPublicUserData(user: UserDocument, instanceId: string): Json {
  const imageUrl = userImageUrl(user, instanceId);
  return {
    user_id: user.id,
    first_name: user.first_name,
    last_name: user.last_name,
    image_url: imageUrl,
    profile_image_url: imageUrl,
    has_image: false,
    identifier: identifierOf(user),
    username: user.username,
    banned: user.banned,
  };
}

function identifierOf(user: UserDocument): string | null {
  const email = user.email_addresses.find(({ id }) => id === user.primary_email_address_id);
  const phone = user.phone_numbers.find(({ id }) => id === user.primary_phone_number_id);
  return email?.value ?? phone?.value ?? user.username;
}
