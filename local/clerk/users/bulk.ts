import { newId } from "../ids.ts";
import { blankUser, type UserDocument } from "./document.ts";

/** Numbers from 0 to below 1. The same seed gives the same ones. */
export function chances(seed: number): () => number {
  let state = seed >>> 0;
  // Mulberry32.
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * One of many users, with an address of their own.
 *
 * @param at milliseconds since the epoch
 */
export function bulkUser(at: number, chance: () => number): UserDocument {
  const user = blankUser(at);
  const address = {
    id: newId("idn", at),
    value: `${user.id.toLowerCase()}@example.com`,
    status: "verified" as const,
    created_at: at,
    updated_at: at,
  };
  const number = Math.floor(chance() * 1_000_000);
  return {
    ...user,
    first_name: `First ${number}`,
    last_name: `Last ${number}`,
    email_addresses: [address],
    primary_email_address_id: address.id,
    public_metadata: { plan: number % 2 ? "free" : "pro" },
    updated_at: at + Math.floor(chance() * 1_000),
  };
}
