import { z } from "zod";
import { type ClerkApi, createClerkApi } from "../../supabase/functions/_shared/clerk/api.ts";
import type { Failure } from "../../supabase/functions/_shared/failure.ts";
import type { ClerkApiSettings } from "../../supabase/functions/_shared/settings/clerk_api.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { readInstanceId } from "../../supabase/functions/_shared/settings/webhook.ts";
import { failed, ok, type Outcome } from "./check.ts";

/** The Clerk instance of the secret key. */
export interface ClerkInstance {
  readonly api: ClerkApi;
  readonly settings: ClerkApiSettings;
  /** `ins_…` */
  readonly id: string;
  readonly production: boolean;
}

const instance = z.object({ id: z.string().regex(/^ins_\w+$/), environment_type: z.string() });

/** Whether Clerk answers with this key, and is the instance that CLERK_INSTANCE_ID names. */
export async function checkClerkApi(
  settings: ClerkApiSettings,
  environment: Environment,
): Promise<Outcome<ClerkInstance>> {
  const api = createClerkApi(settings);
  const answer = await api.read("instance");
  if (!answer.ok) return failClerk(answer.failure);
  const parsed = instance.safeParse(answer.value);
  if (!parsed.success) {
    return failed("The Backend API does not answer as Clerk does", "Check CLERK_API_URL");
  }
  const { id, environment_type: kind } = parsed.data;
  // Whether it is an id at all is said of the webhook's variables.
  const wanted = readInstanceId(environment);
  if (wanted.ok && wanted.value !== undefined && wanted.value !== id) {
    return failed(
      `CLERK_SECRET_KEY is of instance ${id}, but CLERK_INSTANCE_ID names another`,
      `Set CLERK_INSTANCE_ID=${id}, or take the secret key of the other instance`,
    );
  }
  const production = kind === "production";
  return ok(`Clerk answers: instance ${id}, for ${production ? "production" : "development"}`, {
    api,
    settings,
    id,
    production,
  });
}

/** Fails with what one of ClerkApi's failures means to an operator. */
export function failClerk({ code, retryAfter, reason = "" }: Failure): Outcome<never> {
  if (code === "server_misconfigured") {
    return failed(
      "Clerk refuses CLERK_SECRET_KEY",
      "Copy the secret key again from Clerk: Configure, API keys",
    );
  }
  if (code === "clerk_rate_limited") {
    return failed("Clerk's rate limit is reached", `Try again in ${retryAfter ?? 10} s`);
  }
  const [status] = /HTTP \d+/.exec(reason) ?? [];
  const why = /TimeoutError/.test(reason) ? "no answer within 5 s" : status ?? "no usable answer";
  return failed(
    `Clerk's Backend API is down or cannot be reached (${why})`,
    "Look at https://status.clerk.com, at the network, and at CLERK_API_URL if it is set",
  );
}
