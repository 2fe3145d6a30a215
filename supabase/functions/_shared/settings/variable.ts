/**
 * Reads a variable. What each must be is said in the files beside this one: the signing secret in
 * `webhook.ts`, Clerk's secret key in `clerk_api.ts`, the database's key in `service_key.ts` and its
 * address in `supabase.ts`, what verifies session tokens in `session.ts`, the reconcile key in
 * `reconcile.ts`.
 */
import { fail } from "../failure.ts";

/** The environment's variables, as `Deno.env.toObject()` gives them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The variable's value. Undefined if it is unset or blank. */
export function variable(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}

export function misconfigured(message: string) {
  return fail("server_misconfigured", { message });
}

/** Whether a header can have it. Every key is ASCII; the ellipsis of a placeholder is not. */
export function fitsHeader(text: string): boolean {
  return /^[\x20-\x7e]+$/.test(text);
}

/**
 * Reads an address that paths are put after, so it has no password, query or fragment. Host and
 * port are as in every request, and there is no slash at the end.
 *
 * @returns undefined if it is not an http or https address
 */
export function webAddress(text: string): string | undefined {
  const url = /^https?:\/\/[^\s,@?#]+$/i.test(text) ? URL.parse(text) : null;
  return url ? `${url.origin}${url.pathname}`.replace(/\/+$/, "") : undefined;
}
