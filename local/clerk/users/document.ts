import { z } from "zod";
import { newId } from "../ids.ts";
import { metadata } from "../metadata.ts";

const milliseconds = z.int();

/**
 * `reserved`: not yet verified, but held for this user. `unverified`: nobody holds it, so that others may
 * have it too.
 */
const identificationStatus = z.enum(["verified", "reserved", "unverified"]);
export type IdentificationStatus = z.infer<typeof identificationStatus>;

const identification = z.object({
  id: z.string(),
  value: z.string(),
  status: identificationStatus,
  created_at: milliseconds,
  updated_at: milliseconds,
});

/** An email address or a phone number of a user. */
export type Identification = z.infer<typeof identification>;

/** A user as the double stores it, without what the view can derive. */
export const userDocument = z.object({
  id: z.string(),
  external_id: z.string().nullable(),
  username: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  email_addresses: z.array(identification),
  phone_numbers: z.array(identification),
  primary_email_address_id: z.string().nullable(),
  primary_phone_number_id: z.string().nullable(),
  public_metadata: metadata,
  private_metadata: metadata,
  unsafe_metadata: metadata,
  /** Null without a password. The password itself is never kept. */
  password_last_updated_at: milliseconds.nullable(),
  banned: z.boolean(),
  locked: z.boolean(),
  last_sign_in_at: milliseconds.nullable(),
  last_active_at: milliseconds.nullable(),
  created_at: milliseconds,
  updated_at: milliseconds,
});
export type UserDocument = z.infer<typeof userDocument>;

/**
 * A user with a new id and nothing else but the time of creation.
 *
 * @param at milliseconds since the epoch
 */
export function blankUser(at: number): UserDocument {
  return {
    id: newId("user", at),
    external_id: null,
    username: null,
    first_name: null,
    last_name: null,
    email_addresses: [],
    phone_numbers: [],
    primary_email_address_id: null,
    primary_phone_number_id: null,
    public_metadata: {},
    private_metadata: {},
    unsafe_metadata: {},
    password_last_updated_at: null,
    banned: false,
    locked: false,
    last_sign_in_at: null,
    last_active_at: null,
    created_at: at,
    updated_at: at,
  };
}
