import { join } from "node:path";
import { isLoopback } from "../../local/loopback_host.ts";
import { secretsFile } from "../../local/own_instance/settings.ts";
import { ifPresent } from "../../local/presence.ts";
import {
  type ClerkApiSettings,
  readClerkApiSettings,
} from "../../supabase/functions/_shared/settings/clerk_api.ts";
import { type Environment, variable } from "../../supabase/functions/_shared/settings/variable.ts";
import { overFile } from "../variables.ts";
import { usualTimeLimit } from "./ask.ts";
import { fail, type Outcome, succeed } from "./outcome.ts";

/** The process' variables, and below them those of the functions' secrets file. */
export async function readVariables(project: string, own: Environment): Promise<Environment> {
  return overFile(await ifPresent(Deno.readTextFile(join(project, secretsFile))), own);
}

/** How Clerk's instance, and Svix behind it, are asked. */
export interface ClerkAccess {
  readonly secretKey: string;
  readonly apiUrl: string;
  /** Another address of Svix than the region's: the double on this machine plays Svix too. */
  readonly svixUrl: string | undefined;
  /** Milliseconds. */
  readonly timeLimit: number;
}

export function readClerkAccess(environment: Environment): Outcome<ClerkAccess> {
  const settings = readClerkApiSettings(environment);
  if (!settings.ok) {
    const next = `Set it in the environment or in ${secretsFile} (in Clerk: Configure, API keys)`;
    return fail(settings.failure.message ?? "CLERK_SECRET_KEY cannot be read", next);
  }
  return succeed(accessWith(settings.value, usualTimeLimit));
}

/** @param timeLimit milliseconds */
export function accessWith(settings: ClerkApiSettings, timeLimit: number): ClerkAccess {
  const apiUrl = settings.apiUrl.replace(/\/+$/, "");
  const svixUrl = isLoopback(apiUrl) ? apiUrl : undefined;
  return { secretKey: settings.secretKey, apiUrl, svixUrl, timeLimit };
}

/** Reads the address of a double. Tokens are sent there, so it must be on this machine. */
export function readLoopback(environment: Environment, name: string): Outcome<string | undefined> {
  const url = variable(environment, name)?.replace(/\/+$/, "");
  if (url === undefined || isLoopback(url)) return succeed(url);
  return fail(`${name} must be an address of this machine`, `Take ${name} out of the environment`);
}
