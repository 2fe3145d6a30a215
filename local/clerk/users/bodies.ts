import { z } from "zod";
import { identificationStatus } from "./document.ts";

const text = z.string().nullish();
const flag = z.boolean().nullish();
const time = z.iso.datetime({ offset: true }).nullish();
const emailAddress = z.email().transform((address) => address.toLowerCase());
const phoneNumber = z.e164();
const metadata = z.record(z.string(), z.unknown());
const creationStatus = z.array(identificationStatus).optional();

const profile = {
  external_id: text,
  first_name: text,
  last_name: text,
  username: text,
  password: text,
  created_at: time,
};

/** Body of `PATCH /v1/users/{user_id}/metadata`. */
export const metadataBody = z.strictObject({
  public_metadata: metadata.optional(),
  private_metadata: metadata.optional(),
  unsafe_metadata: metadata.optional(),
});
/** Metadata to merge. */
export type MetadataBody = z.infer<typeof metadataBody>;

/** Body of `POST /v1/users`. */
export const createUserBody = z.strictObject({
  ...profile,
  ...metadataBody.shape,
  email_address: z.array(emailAddress).optional(),
  email_address_identification_status: creationStatus,
  phone_number: z.array(phoneNumber).optional(),
  phone_number_identification_status: creationStatus,
  banned: flag,
  locked: flag,
});
/** A user to create. */
export type CreateUserBody = z.infer<typeof createUserBody>;

/** Body of `PATCH /v1/users/{user_id}`; since version 2026-05-12 it takes no metadata. */
export const updateUserBody = z.strictObject({
  ...profile,
  primary_email_address_id: text,
  primary_phone_number_id: text,
});
/** What to change of a user. */
export type UpdateUserBody = z.infer<typeof updateUserBody>;
