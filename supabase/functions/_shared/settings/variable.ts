/**
 * Reads a variable. What each secret must be is said in the files beside this one: `webhook.ts`,
 * `clerk_api.ts`, `service_key.ts`, `session.ts`, `reconcile.ts`.
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
