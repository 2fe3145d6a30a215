import { z } from "zod";

const milliseconds = z.int();

/** How far an address or number is proven: `reserved` is not yet, but held for this user. */
export const identificationStatus = z.enum(["verified", "reserved"]);
/** How far an address or number is proven. */
export type IdentificationStatus = z.infer<typeof identificationStatus>;

const identification = z.object({
  id: z.string(),
  value: z.string(),
  status: identificationStatus,
  created_at: milliseconds,
  updated_at: milliseconds,
});

/** An e-mail address or a phone number of a user. */
export type Identification = z.infer<typeof identification>;

const metadata = z.record(z.string(), z.unknown());

/** Metadata of one visibility: a JSON object. */
export type Metadata = z.infer<typeof metadata>;

/** A user as the double stores it: what `renderUser()` cannot derive. Times are milliseconds. */
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

/** A user as the double stores it. */
export type UserDocument = z.infer<typeof userDocument>;

/** A user about whom nothing is known yet but its id and age. */
export function blankUser(id: string, createdAt: number, updatedAt: number): UserDocument {
  return {
    id,
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
    created_at: createdAt,
    updated_at: updatedAt,
  };
}
