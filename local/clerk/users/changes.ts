import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import { newId } from "../ids.ts";
import { mergeMetadata } from "../metadata.ts";
import type { NewUser, UserMetadata, UserPatch } from "./bodies.ts";
import {
  blankUser,
  type Identification,
  type IdentificationStatus,
  type UserDocument,
} from "./document.ts";

/** Characters. */
const shortestPassword = 8;
const metadataFields = ["public_metadata", "private_metadata", "unsafe_metadata"] as const;

/**
 * Makes the user that a request asks for. The first address and the first number become the primary ones.
 *
 * @param at milliseconds since the epoch
 */
export function userFrom(body: NewUser, at: number): Result<UserDocument> {
  const emails = identificationsFrom("email_address", body, at);
  if (!emails.ok) return emails;
  const phones = identificationsFrom("phone_number", body, at);
  if (!phones.ok) return phones;
  const user = {
    ...blankUser(at),
    email_addresses: emails.value,
    phone_numbers: phones.value,
    primary_email_address_id: emails.value[0]?.id ?? null,
    primary_phone_number_id: phones.value[0]?.id ?? null,
    public_metadata: body.public_metadata ?? {},
    private_metadata: body.private_metadata ?? {},
    unsafe_metadata: body.unsafe_metadata ?? {},
    banned: body.banned ?? false,
    locked: body.locked ?? false,
  };
  return withProfile(user, body, at);
}

function identificationsFrom(
  kind: "email_address" | "phone_number",
  body: NewUser,
  at: number,
): Result<Identification[]> {
  const values = body[kind];
  const statuses: readonly IdentificationStatus[] = body[`${kind}_identification_status`];
  if (statuses.length > 0 && statuses.length !== values.length) {
    const parameter = `${kind}_identification_status`;
    return clerkErrors.parameterValueInvalid(
      parameter,
      `${parameter} must contain exactly one item per ${kind}`,
    );
  }
  return succeed(values.map((value, index) => ({
    id: newId("idn", at),
    value,
    status: statuses[index] ?? "verified",
    created_at: at,
    updated_at: at,
  })));
}

/**
 * The user after a `PATCH`.
 *
 * @param at milliseconds since the epoch
 */
export function patchedUser(
  user: UserDocument,
  body: UserPatch,
  at: number,
): Result<UserDocument> {
  const emailId = body.primary_email_address_id || user.primary_email_address_id;
  const phoneId = body.primary_phone_number_id || user.primary_phone_number_id;
  if (body.primary_email_address_id && !isVerified(user.email_addresses, emailId)) {
    return clerkErrors.resourceMissing("primary_email_address_id");
  }
  if (body.primary_phone_number_id && !isVerified(user.phone_numbers, phoneId)) {
    return clerkErrors.resourceMissing("primary_phone_number_id");
  }
  const patched = { ...user, primary_email_address_id: emailId, primary_phone_number_id: phoneId };
  return withProfile(patched, body, at);
}

function isVerified(identifications: readonly Identification[], id: string | null): boolean {
  return identifications.find((candidate) => candidate.id === id)?.status === "verified";
}

/** The user with metadata merged in. */
export function withMetadata(user: UserDocument, change: UserMetadata): UserDocument {
  const changed = { ...user };
  for (const field of metadataFields) {
    changed[field] = mergeMetadata(user[field], change[field] ?? {});
  }
  return changed;
}

/** The part common to creation and `PATCH`. Absent fields stay. A blank user name removes the name. */
function withProfile(
  user: UserDocument,
  body: NewUser | UserPatch,
  at: number,
): Result<UserDocument> {
  if (body.username && !/^[a-zA-Z0-9_-]+$/.test(body.username)) {
    return clerkErrors.usernameInvalid("username");
  }
  if (body.password && body.password.length < shortestPassword) {
    return clerkErrors.passwordTooShort("password");
  }
  const {
    external_id: externalId = user.external_id,
    first_name: firstName = user.first_name,
    last_name: lastName = user.last_name,
    username = user.username,
  } = body;
  return succeed({
    ...user,
    external_id: externalId || null,
    first_name: firstName,
    last_name: lastName,
    username: username || null,
    password_last_updated_at: body.password ? at : user.password_last_updated_at,
    created_at: body.created_at ? Date.parse(body.created_at) : user.created_at,
  });
}
