import { clerkErrors, type Result, succeed } from "../http/errors.ts";
import { newId } from "../ids.ts";
import type { EmailAddressPatch, NewEmailAddress } from "./bodies.ts";
import type { Identification, UserDocument } from "./document.ts";

const notVerified = () =>
  clerkErrors.parameterValueInvalid("primary", "The primary email address must be verified");

/**
 * The user with one more email address, which is the last.
 *
 * @param at milliseconds since the epoch
 */
export function withEmailAddress(
  user: UserDocument,
  { email_address: value, verified, primary }: NewEmailAddress,
  at: number,
): Result<UserDocument> {
  if (user.email_addresses.some((email) => email.value === value)) {
    return clerkErrors.identifierExists("email_address", "email address");
  }
  if (primary && !verified) return notVerified();
  const status = verified ? "verified" : "unverified";
  const email = { id: newId("idn", at), value, status, created_at: at, updated_at: at } as const;
  const isPrimary = primary || user.email_addresses.length === 0;
  return succeed({
    ...user,
    email_addresses: [...user.email_addresses, email],
    primary_email_address_id: isPrimary ? email.id : user.primary_email_address_id,
  });
}

/**
 * The user with one of the email addresses changed.
 *
 * @param at milliseconds since the epoch
 */
export function withChangedEmailAddress(
  user: UserDocument,
  email: Identification,
  { verified, primary }: EmailAddressPatch,
  at: number,
): Result<UserDocument> {
  const status = verified ? "verified" : email.status;
  if (primary && status !== "verified") return notVerified();
  const changed = { ...email, status, updated_at: at };
  return succeed({
    ...user,
    email_addresses: user.email_addresses.map((one) => one.id === email.id ? changed : one),
    primary_email_address_id: primary ? email.id : user.primary_email_address_id,
  });
}

/** The user without one of the email addresses. If it was the primary one, the next verified one is. */
export function withoutEmailAddress(user: UserDocument, id: string): Result<UserDocument> {
  const emails = user.email_addresses.filter((email) => email.id !== id);
  if (emails.length + user.phone_numbers.length === 0 && user.username === null) {
    return clerkErrors.lastIdentification();
  }
  const next = emails.find(({ status }) => status === "verified")?.id ?? null;
  const primary = user.primary_email_address_id;
  return succeed({
    ...user,
    email_addresses: emails,
    primary_email_address_id: primary === id ? next : primary,
  });
}
