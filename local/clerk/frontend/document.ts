import { z } from "zod";

const milliseconds = z.int();

/** How far the check of an email address has come. */
const emailCheck = z.enum(["not_sent", "sent", "verified"]);
export type EmailCheck = z.infer<typeof emailCheck>;

const signIn = z.object({
  id: z.string(),
  user_id: z.string(),
  email_address_id: z.string(),
  email_address: z.string(),
  check: emailCheck,
  created_session_id: z.string().nullable(),
});
export type SignIn = z.infer<typeof signIn>;

const signUp = z.object({
  id: z.string(),
  email_address: z.string().nullable(),
  first_name: z.string().nullable(),
  last_name: z.string().nullable(),
  username: z.string().nullable(),
  unsafe_metadata: z.record(z.string(), z.unknown()),
  check: emailCheck,
  created_user_id: z.string().nullable(),
  created_session_id: z.string().nullable(),
});
export type SignUp = z.infer<typeof signUp>;

/** A browser as the double stores it: what it has begun. Its sessions are in the table `sessions`. */
export const clientDocument = z.object({
  id: z.string(),
  sign_in: signIn.nullable(),
  sign_up: signUp.nullable(),
  last_active_session_id: z.string().nullable(),
  created_at: milliseconds,
  updated_at: milliseconds,
});
export type ClientDocument = z.infer<typeof clientDocument>;
