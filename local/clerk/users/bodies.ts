import { z } from "zod";
import { metadata } from "../metadata.ts";

const text = z.string().nullish();
const flag = z.boolean().nullish();

const profile = {
  external_id: text,
  first_name: text,
  last_name: text,
  username: text,
  password: text,
  created_at: z.iso.datetime({ offset: true }).nullish(),
};

/** Body of `PATCH /v1/users/{user_id}/metadata`. */
export const userMetadata = z.strictObject({
  public_metadata: metadata.optional(),
  private_metadata: metadata.optional(),
  unsafe_metadata: metadata.optional(),
});
export type UserMetadata = z.infer<typeof userMetadata>;

const address = z.email().transform((address) => address.toLowerCase());
const initialStatus = z.enum(["verified", "reserved"]);

/** Body of `POST /v1/users`. The statuses have the order of the addresses and numbers. */
export const newUser = z.strictObject({
  ...profile,
  ...userMetadata.shape,
  email_address: z.array(address).default([]),
  email_address_identification_status: z.array(initialStatus).default([]),
  phone_number: z.array(z.e164()).default([]),
  phone_number_identification_status: z.array(initialStatus).default([]),
  banned: flag,
  locked: flag,
});
export type NewUser = z.infer<typeof newUser>;

/** Body of `PATCH /v1/users/{user_id}`. Since version 2026-05-12 it takes no metadata. */
export const userPatch = z.strictObject({
  ...profile,
  primary_email_address_id: text,
  primary_phone_number_id: text,
});
export type UserPatch = z.infer<typeof userPatch>;

/** No email is sent, so nobody is notified. */
const notification = { notify_primary_email_address_changed: flag };

/** Body of `POST /v1/email_addresses`. */
export const newEmailAddress = z.strictObject({
  user_id: z.string(),
  email_address: address,
  verified: flag,
  primary: flag,
  ...notification,
});
export type NewEmailAddress = z.infer<typeof newEmailAddress>;

/** Body of `PATCH /v1/email_addresses/{email_address_id}`. Clerk does not document `verified: false`. */
export const emailAddressPatch = z.strictObject({
  verified: z.literal(true).nullish(),
  primary: flag,
  ...notification,
});
export type EmailAddressPatch = z.infer<typeof emailAddressPatch>;
