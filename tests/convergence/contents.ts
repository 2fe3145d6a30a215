/**
 * What a user's profile may hold, as Clerk shows it and as the row has it: for each part a few choices,
 * the plainest first. Few, so that states of equal time often have equal contents, and often differ in
 * one column alone. Everything is ASCII.
 */

/** The columns that a state brings, in the order in which contents are compared. */
export interface Columns {
  readonly email: string | null;
  readonly email_verified: boolean;
  readonly first_name: string | null;
  readonly last_name: string | null;
  readonly username: string | null;
  readonly image_url: string | null;
  readonly phone: string | null;
  readonly external_id: string | null;
  readonly public_metadata: Readonly<Record<string, unknown>>;
  readonly banned: boolean;
  readonly locked: boolean;
  /** Milliseconds since the epoch. */
  readonly clerk_created_at: number;
}

interface Choice {
  /** Fields of Clerk's User object; what is not there is absent. */
  readonly clerk: Readonly<Record<string, unknown>>;
  readonly columns: Partial<Columns>;
}

const verified = { status: "verified", strategy: "email_code" };
// Clerk's own client cannot do without "linked_to".
const first = {
  id: "idn_1",
  email_address: "first@example.com",
  verification: verified,
  linked_to: [],
};
const second = { ...first, id: "idn_2", email_address: "second@example.com", verification: null };

/** A part that Clerk shows under the column's own name. */
function plain(column: keyof Columns, values: readonly (string | null)[]): Choice[] {
  return values.map((value) => ({ clerk: { [column]: value }, columns: { [column]: value } }));
}

function email(clerk: Choice["clerk"], address: string | null, isVerified = false): Choice {
  return { clerk, columns: { email: address, email_verified: isVerified } };
}

/** By part. Keys of metadata stand in jsonb's own order: by length, then by bytes. */
export const parts: readonly (readonly Choice[])[] = [
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
    // None of these has a primary address: it is never simply the first one.
    email({ primary_email_address_id: null, email_addresses: [first] }, null),
    email({ primary_email_address_id: "idn_9", email_addresses: [first, second] }, null),
    email({ primary_email_address_id: "idn_1", email_addresses: [] }, null),
    email({}, null),
  ],
  [
    ...plain("first_name", ["Ada", "Adam", "ada", null]),
    { clerk: {}, columns: { first_name: null } },
  ],
  plain("last_name", [null, "Lovelace", ""]),
  plain("username", [null, "ada", "ada_2"]),
  plain("image_url", [null, "https://img.example.com/1.png"]),
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
  plain("external_id", [null, "e1", "e10"]),
  [
    ...[{}, { plan: "free" }, { plan: "free", since: 2 }, { plan: "free", since: 20 }]
      .map((value) => ({ clerk: { public_metadata: value }, columns: { public_metadata: value } })),
    { clerk: { public_metadata: null }, columns: { public_metadata: {} } },
  ],
  [
    { clerk: { banned: false, locked: false }, columns: { banned: false, locked: false } },
    { clerk: { banned: true }, columns: { banned: true, locked: false } },
    { clerk: { locked: true }, columns: { banned: false, locked: true } },
  ],
  [1_767_225_600_000, 1_767_225_600_001].map((time) => ({
    clerk: { created_at: time },
    columns: { clerk_created_at: time },
  })),
];

/** For each part the number of a choice. */
export type Content = readonly number[];

/** The content as fields of Clerk's User object. */
export function clerkFields(content: Content): Readonly<Record<string, unknown>> {
  return Object.assign({}, ...parts.map((choices, part) => choices[content[part] ?? 0]?.clerk));
}

/** The content as columns. */
export function columnsOf(content: Content): Columns {
  return Object.assign({}, ...parts.map((choices, part) => choices[content[part] ?? 0]?.columns));
}
