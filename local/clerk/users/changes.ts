import type { CreateUserBody, MetadataBody, UpdateUserBody } from "./bodies.ts";
import { clerkErrors, done, type Outcome, refused } from "../http/errors.ts";
import { newId } from "../ids.ts";
import { mergeMetadata } from "../metadata.ts";
import {
  blankUser,
  type Identification,
  type IdentificationStatus,
  type UserDocument,
} from "./document.ts";

const PASSWORD_MIN_LENGTH = 8;
const METADATA_FIELDS = ["public_metadata", "private_metadata", "unsafe_metadata"] as const;

/** A new e-mail address or phone number. */
export function newIdentification(
  value: string,
  status: IdentificationStatus,
  at: number,
): Identification {
  return { id: newId("idn", at), value, status, created_at: at, updated_at: at };
}

/** The user that a creation asks for. The first address and number become the primary ones. */
export function userFrom(body: CreateUserBody, at: number): Outcome<UserDocument> {
  const emails = body.email_address ?? [];
  const phones = body.phone_number ?? [];
  const emailStatus = body.email_address_identification_status ?? [];
  const phoneStatus = body.phone_number_identification_status ?? [];
  if (emailStatus.length > 0 && emailStatus.length !== emails.length) {
    return refused(countMismatch("email_address_identification_status", "email_address"));
  }
  if (phoneStatus.length > 0 && phoneStatus.length !== phones.length) {
    return refused(countMismatch("phone_number_identification_status", "phone_number"));
  }
  const user = blankUser(newId("user", at), at, at);
  user.email_addresses = emails.map((value, index) =>
    newIdentification(value, emailStatus[index] ?? "verified", at)
  );
  user.phone_numbers = phones.map((value, index) =>
    newIdentification(value, phoneStatus[index] ?? "verified", at)
  );
  user.primary_email_address_id = user.email_addresses.at(0)?.id ?? null;
  user.primary_phone_number_id = user.phone_numbers.at(0)?.id ?? null;
  user.banned = body.banned ?? false;
  user.locked = body.locked ?? false;
  for (const field of METADATA_FIELDS) user[field] = body[field] ?? {};
  return withProfile(user, body, at);
}

/** The user after a `PATCH`. */
export function patchedUser(
  user: UserDocument,
  body: UpdateUserBody,
  at: number,
): Outcome<UserDocument> {
  const emailId = body.primary_email_address_id;
  const phoneId = body.primary_phone_number_id;
  if (emailId && !isVerified(user.email_addresses, emailId)) {
    return refused(clerkErrors.resourceMissing("primary_email_address_id"));
  }
  if (phoneId && !isVerified(user.phone_numbers, phoneId)) {
    return refused(clerkErrors.resourceMissing("primary_phone_number_id"));
  }
  const patched = {
    ...user,
    "primary_email_address_id": emailId || user.primary_email_address_id,
    "primary_phone_number_id": phoneId || user.primary_phone_number_id,
  };
  return withProfile(patched, body, at);
}

/** The user with metadata merged in. */
export function withMergedMetadata(user: UserDocument, body: MetadataBody): UserDocument {
  const changed = { ...user };
  for (const field of METADATA_FIELDS) {
    const change = body[field];
    if (change !== undefined) changed[field] = mergeMetadata(user[field], change);
  }
  return changed;
}

type ProfileBody = Omit<CreateUserBody & UpdateUserBody, keyof MetadataBody>;

/** What creation and `PATCH` have in common. Absent fields stay; a blank user name removes it. */
function withProfile(
  user: UserDocument,
  body: Partial<ProfileBody>,
  at: number,
): Outcome<UserDocument> {
  if (body.username && !/^[a-zA-Z0-9_-]+$/.test(body.username)) {
    return refused(clerkErrors.usernameInvalid("username"));
  }
  if (body.password && body.password.length < PASSWORD_MIN_LENGTH) {
    return refused(clerkErrors.passwordTooShort("password"));
  }
  const given = <Value>(value: Value | undefined, otherwise: Value) =>
    value === undefined ? otherwise : value;
  return done({
    ...user,
    external_id: given(body.external_id, user.external_id) || null,
    first_name: given(body.first_name, user.first_name),
    last_name: given(body.last_name, user.last_name),
    username: given(body.username, user.username) || null,
    password_last_updated_at: body.password ? at : user.password_last_updated_at,
    created_at: body.created_at ? Date.parse(body.created_at) : user.created_at,
  });
}

function isVerified(identifications: Identification[], id: string): boolean {
  return identifications.some((candidate) =>
    candidate.id === id && candidate.status === "verified"
  );
}

function countMismatch(parameter: string, counted: string) {
  return clerkErrors.parameterValueInvalid(
    parameter,
    `${parameter} must contain exactly one item per ${counted}`,
  );
}
