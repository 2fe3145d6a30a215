import { type Choice, createdAt, plain, publicMetadata } from "./choice.ts";

const verified = { status: "verified", strategy: "email_code" };
// Clerk's own client needs "linked_to".
const first = {
  id: "idn_1",
  email_address: "first@example.com",
  verification: verified,
  linked_to: [],
};
const second = { ...first, id: "idn_2", email_address: "second@example.com", verification: null };

function email(clerk: Choice["clerk"], address: string | null, isVerified = false): Choice {
  return { clerk, columns: { email: address, email_verified: isVerified } };
}

/** What a user's profile may hold, by part. */
export const userParts: readonly (readonly Choice[])[] = [
  [
    email(
      { primary_email_address_id: "idn_1", email_addresses: [first] },
      first.email_address,
      true,
    ),
    email(
      { primary_email_address_id: "idn_2", email_addresses: [first, second] },
      second.email_address,
    ),
    email(
      { primary_email_address_id: "idn_1", email_addresses: [{ ...first, verification: null }] },
      first.email_address,
    ),
    // None of these has a primary address. The first address never becomes primary by itself.
    email({ primary_email_address_id: null, email_addresses: [first] }, null),
    email({ primary_email_address_id: "idn_9", email_addresses: [first, second] }, null),
    email({ primary_email_address_id: "idn_1", email_addresses: [] }, null),
    email({}, null),
  ],
  [
    ...plain((first_name) => ({ first_name }), "Ada", "Adam", "ada", null),
    { clerk: {}, columns: { first_name: null } },
  ],
  plain((last_name) => ({ last_name }), null, "Lovelace", ""),
  plain((username) => ({ username }), null, "ada", "ada_2"),
  plain((image_url) => ({ image_url }), null, "https://img.example.com/1.png"),
  [
    { clerk: {}, columns: { phone: null } },
    {
      clerk: {
        primary_phone_number_id: "idn_5",
        phone_numbers: [{ id: "idn_5", phone_number: "+15555550100", linked_to: [] }],
      },
      columns: { phone: "+15555550100" },
    },
  ],
  plain((external_id) => ({ external_id }), null, "e1", "e10"),
  publicMetadata,
  [
    { clerk: { banned: false, locked: false }, columns: { banned: false, locked: false } },
    { clerk: { banned: true }, columns: { banned: true, locked: false } },
    { clerk: { locked: true }, columns: { banned: false, locked: true } },
  ],
  createdAt,
];
