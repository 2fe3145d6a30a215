import { defaultImageUrl } from "../image.ts";
import type { Identification, UserDocument } from "./document.ts";

type Json = Readonly<Record<string, unknown>>;

/** A user as the Backend API and the user events show it (schema `User` of both specifications). */
export function renderUser(user: UserDocument, instanceId: string): Json {
  const { email_addresses: emailAddresses, phone_numbers: phoneNumbers, ...rest } = user;
  const imageUrl = userImageUrl(user, instanceId);
  return {
    ...rest,
    object: "user",
    locale: null,
    primary_web3_wallet_id: null,
    image_url: imageUrl,
    profile_image_url: imageUrl,
    has_image: false,
    password_enabled: user.password_last_updated_at !== null,
    two_factor_enabled: false,
    totp_enabled: false,
    backup_code_enabled: false,
    mfa_enabled_at: null,
    mfa_disabled_at: null,
    email_addresses: emailAddresses.map(renderEmailAddress),
    phone_numbers: phoneNumbers.map(renderPhoneNumber),
    web3_wallets: [],
    passkeys: [],
    external_accounts: [],
    saml_accounts: [],
    enterprise_accounts: [],
    legal_accepted_at: null,
    delete_self_enabled: true,
    create_organization_enabled: true,
    create_organizations_limit: null,
    bypass_client_trust: false,
    lockout_expires_in_seconds: null,
    verification_attempts_remaining: 100,
  };
}

/** An email address of a user (schema `EmailAddress`). */
export function renderEmailAddress(email: Identification): Json {
  return {
    id: email.id,
    object: "email_address",
    email_address: email.value,
    reserved: email.status === "reserved",
    verification: verification(email),
    linked_to: [],
    matches_sso_connection: false,
    created_at: email.created_at,
    updated_at: email.updated_at,
  };
}

function renderPhoneNumber(phone: Identification): Json {
  return {
    id: phone.id,
    object: "phone_number",
    phone_number: phone.value,
    reserved_for_second_factor: false,
    default_second_factor: false,
    reserved: phone.status === "reserved",
    verification: verification(phone),
    linked_to: [],
    backup_codes: null,
    created_at: phone.created_at,
    updated_at: phone.updated_at,
  };
}

function verification(identification: Identification): Json | null {
  if (identification.status !== "verified") return null;
  return {
    object: "verification_admin",
    status: "verified",
    strategy: "admin",
    attempts: null,
    expire_at: null,
  };
}

/** A deleted user (schema `DeletedObject`). */
export function renderDeletedUser({ id, external_id: externalId }: UserDocument): Json {
  const kept = externalId === null ? {} : { external_id: externalId };
  return { object: "user", id, deleted: true, ...kept };
}

/** A deleted email address (schema `DeletedObject`). */
export function renderDeletedEmailAddress(id: string): Json {
  return { object: "email_address", id, deleted: true };
}

/** The generated image of a user. */
export function userImageUrl(user: UserDocument, instanceId: string): string {
  const initials = `${user.first_name?.at(0) ?? ""}${user.last_name?.at(0) ?? ""}`;
  return defaultImageUrl(user.id, initials, instanceId);
}
