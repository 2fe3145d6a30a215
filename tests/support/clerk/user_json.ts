type Fields = Readonly<Record<string, unknown>>;

/** A user as in Clerk's events and its Backend API. */
export function clerkUserJson(changes: Fields = {}): Record<string, unknown> {
  return {
    id: "user_ada",
    object: "user",
    external_id: "crm-1815",
    primary_email_address_id: "idn_work",
    primary_phone_number_id: "idn_mobile",
    primary_web3_wallet_id: null,
    username: "ada",
    first_name: "Ada",
    last_name: "Lovelace",
    image_url: "https://img.clerk.com/ada",
    has_image: true,
    email_addresses: [
      emailAddressJson("idn_home", "home@example.com"),
      emailAddressJson("idn_work", "work@example.com"),
    ],
    phone_numbers: [
      phoneNumberJson("idn_landline", "+442079460000"),
      phoneNumberJson("idn_mobile", "+447700900000"),
    ],
    web3_wallets: [],
    external_accounts: [],
    public_metadata: { plan: "pro" },
    private_metadata: { notes: "private" },
    unsafe_metadata: { theme: "unsafe" },
    banned: false,
    locked: false,
    last_sign_in_at: 1_700_000_300_000,
    created_at: 1_700_000_000_000,
    updated_at: 1_700_000_600_123,
    ...changes,
  };
}

export function emailAddressJson(id: string, address: string, changes: Fields = {}): Fields {
  return {
    id,
    object: "email_address",
    email_address: address,
    verification: { status: "verified", strategy: "email_code" },
    linked_to: [],
    ...changes,
  };
}

export function phoneNumberJson(id: string, number: string): Fields {
  return { id, object: "phone_number", phone_number: number, verification: null, linked_to: [] };
}

export const deletedUserJson: Fields = { id: "user_ada", object: "user", deleted: true };
