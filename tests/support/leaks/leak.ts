import type { StackValues } from "../stack/running_stack.ts";

/** Part of every text that tests plant to find it again. */
export const canary = "canary-";

/** Forms that must not appear in a log line or error. */
const forms: readonly (readonly [kind: string, form: RegExp])[] = [
  ["canary", new RegExp(canary, "i")],
  ["token", /eyJ[\w-]{10,}/],
  ["bearer", /bearer\s+[\w.-]{8,}/i],
  ["signature", /v1a?,[A-Za-z0-9+/]{40,}/],
  ["Clerk secret key", /sk_(?:test|live)_\w{8,}/],
  ["webhook secret", /whsec_[A-Za-z0-9+/=]{8,}/],
  ["Supabase key", /sb[_p](?:secret_|publishable_)?\w{16,}/],
  ["private key", /PRIVATE KEY/],
  ["connection string", /postgres(?:ql)?:\/\/[^\s/]+@/],
  // Not "@supabase/supabase-js@2.119.1" in a stack frame.
  ["email address", /[\w.+-]+(?:@|%40)[\w-]+(?:\.[\w-]+)*\.[a-z]{2,}\b/i],
];

/**
 * The kinds of secrets and personal data in a text; empty if there are none.
 *
 * @param secrets values that must not appear either, such as a stack's keys
 */
export function findLeaks(text: string, secrets: readonly string[]): string[] {
  const found = forms.filter(([, form]) => form.test(text)).map(([kind]) => kind);
  return secrets.some((secret) => text.includes(secret)) ? [...found, "a key of the stack"] : found;
}

/** The stack's secrets, with and without their prefixes. */
export function secretsOf(stack: StackValues): string[] {
  const keys = [
    stack.ANON_KEY,
    stack.SERVICE_ROLE_KEY,
    stack.PUBLISHABLE_KEY,
    stack.SECRET_KEY,
    stack.JWT_SECRET,
    stack.CLERK_SECRET_KEY,
    stack.CLERK_RECONCILE_KEY,
    stack.CLERK_WEBHOOK_SECRET,
  ];
  return keys.flatMap((key) => [key, key.replace(/^[a-z]+_(?:[a-z]+_)?/, "")]);
}
