import { z } from "zod";

/** What the packages send with each attempt, and the double has no use for. */
const ignored = {
  locale: z.string().optional(),
  timezone: z.string().optional(),
  captcha_token: z.string().optional(),
  captcha_widget_type: z.string().optional(),
  captcha_error: z.string().optional(),
};

const json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue("Is no JSON");
    return z.NEVER;
  }
});

/** `POST /client/sign_ins`. */
export const newSignIn = z.strictObject({
  ...ignored,
  identifier: z.email(),
  strategy: z.literal("email_code").optional(),
});

/** `POST /client/sign_ups`, and a change of one. */
export const signUpFields = z.strictObject({
  ...ignored,
  email_address: z.email().transform((address) => address.toLowerCase()).optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  username: z.string().optional(),
  unsafe_metadata: json.pipe(z.record(z.string(), z.unknown())).optional(),
});

/** Asks for a code. */
export const preparation = z.strictObject({
  strategy: z.literal("email_code"),
  email_address_id: z.string().optional(),
});

/** The only code that there is, as Clerk's for its test addresses. No email is sent. */
export const theCode = "424242";

/** Brings a code. */
export const attempt = z.strictObject({ strategy: z.literal("email_code"), code: z.string() });
