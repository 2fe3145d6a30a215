import type { UserFact } from "../../../supabase/functions/_shared/facts/fact.ts";
import { clerkUserJson } from "../clerk/user_json.ts";
import type { Random } from "../random.ts";
import type { UserRow } from "../user_row.ts";
import { userFact } from "./facts.ts";

/**
 * A state of a user that nobody but the test knows. Every column comes from the token: a row of two
 * states' halves shows.
 */
export interface UserState {
  readonly clerkId: string;
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
  readonly signedInAt: number | null;
}

const createdAt = Date.parse("2026-01-01T00:00:00.000Z");

/** A state with a time out of few, so that states of equal time occur. */
export function anyState(clerkId: string, random: Random): UserState {
  return {
    clerkId,
    token: random.token(),
    updatedAt: createdAt + 1000 * random.below(200),
    signedInAt: random.chance(0.5) ? null : createdAt + 1000 * random.below(3),
  };
}

/** The data of an event that tells the state. */
export function dataOf({ clerkId, token, updatedAt, signedInAt }: UserState) {
  const verified = { verification: { status: "verified" } };
  return clerkUserJson({
    id: clerkId,
    first_name: token,
    last_name: token,
    username: token,
    external_id: token,
    image_url: `https://img.example.com/${token}`,
    primary_email_address_id: "idn_2",
    primary_phone_number_id: null,
    phone_numbers: [],
    email_addresses: [
      { id: "idn_1", email_address: "first@example.com", ...verified },
      { id: "idn_2", email_address: `${token}@example.com`, ...verified },
    ],
    public_metadata: { token },
    created_at: createdAt,
    updated_at: updatedAt,
    last_sign_in_at: signedInAt,
  });
}

/** The fact that tells the state. */
export function factOf({ clerkId, token, updatedAt, signedInAt }: UserState): UserFact {
  return userFact(clerkId, {
    email: `${token}@example.com`,
    first_name: token,
    last_name: token,
    username: token,
    external_id: token,
    image_url: `https://img.example.com/${token}`,
    public_metadata: { token },
    clerk_created_at: new Date(createdAt).toISOString(),
    clerk_updated_at: new Date(updatedAt).toISOString(),
    last_sign_in_at: signedInAt === null ? null : new Date(signedInAt).toISOString(),
  });
}

/** The columns of a row in which the state shows, times in milliseconds. */
export function columnsOf({ token, updatedAt, signedInAt }: UserState) {
  return {
    email: `${token}@example.com`,
    email_verified: true,
    first_name: token,
    last_name: token,
    username: token,
    image_url: `https://img.example.com/${token}`,
    phone: null,
    external_id: token,
    public_metadata: { token },
    banned: false,
    locked: false,
    last_sign_in_at: signedInAt,
    clerk_created_at: createdAt,
    clerk_updated_at: updatedAt,
  };
}

/** The same columns where no state is known. */
export const emptyColumns = {
  email: null,
  email_verified: false,
  first_name: null,
  last_name: null,
  username: null,
  image_url: null,
  phone: null,
  external_id: null,
  public_metadata: {},
  banned: false,
  locked: false,
  last_sign_in_at: null,
  clerk_created_at: null,
  clerk_updated_at: null,
};

/** Those columns of a row as it is. */
export function shownColumns(row: UserRow) {
  const { email, email_verified, first_name, last_name, username, image_url, phone } = row;
  const { external_id, public_metadata, banned, locked } = row;
  return {
    email,
    email_verified,
    first_name,
    last_name,
    username,
    image_url,
    phone,
    external_id,
    public_metadata,
    banned,
    locked,
    last_sign_in_at: millisecondsOf(row.last_sign_in_at),
    clerk_created_at: millisecondsOf(row.clerk_created_at),
    clerk_updated_at: millisecondsOf(row.clerk_updated_at),
  };
}

export function millisecondsOf(time: string | null): number | null {
  return time === null ? null : Date.parse(time);
}
