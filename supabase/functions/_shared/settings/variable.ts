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

export function isWebAddress(text: string): boolean {
  const url = URL.parse(text);
  return url?.protocol === "http:" || url?.protocol === "https:";
}
