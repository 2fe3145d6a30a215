import * as z from "zod/mini";
import type { UserFact } from "../facts/fact.ts";
import { clerkId, clerkTime, flag, metadata, optionalText, text } from "./values.ts";

const verification = z.nullish(z.object({ status: z.nullish(z.string()) }));

/**
 * Parses Clerk's User object, from an event or from the Backend API, into a fact. Does not read
 * private or unsafe metadata.
 *
 * @see https://clerk.com/docs/reference/backend-api (User)
 */
export const clerkUser = z.pipe(
  z.object({
    id: clerkId,
    primary_email_address_id: z.nullish(z.string()),
    primary_phone_number_id: z.nullish(z.string()),
    email_addresses: z.nullish(z.array(
      z.object({ id: z.nullish(z.string()), email_address: text, verification }),
    )),
    phone_numbers: z.nullish(z.array(z.object({ id: z.nullish(z.string()), phone_number: text }))),
    first_name: optionalText,
    last_name: optionalText,
    username: optionalText,
    image_url: optionalText,
    external_id: optionalText,
    public_metadata: metadata,
    banned: flag,
    locked: flag,
    last_sign_in_at: z.pipe(z.nullish(clerkTime), z.transform((value) => value ?? null)),
    created_at: clerkTime,
    updated_at: clerkTime,
  }),
  z.transform((user): UserFact => {
    const email = primary(user.email_addresses, user.primary_email_address_id);
    const phone = primary(user.phone_numbers, user.primary_phone_number_id);
    return {
      kind: "user",
      clerk_id: user.id,
      email: email?.email_address ?? null,
      email_verified: email?.verification?.status === "verified",
      first_name: user.first_name,
      last_name: user.last_name,
      username: user.username,
      image_url: user.image_url,
      phone: phone?.phone_number ?? null,
      external_id: user.external_id,
      public_metadata: user.public_metadata,
      banned: user.banned,
      locked: user.locked,
      last_sign_in_at: user.last_sign_in_at,
      clerk_created_at: user.created_at,
      clerk_updated_at: user.updated_at,
    };
  }),
);

/** The item that Clerk names as primary, never just the first one. */
function primary<T extends { readonly id?: string | null | undefined }>(
  items: readonly T[] | null | undefined,
  id: string | null | undefined,
): T | undefined {
  return id ? items?.find((item) => item.id === id) : undefined;
}
