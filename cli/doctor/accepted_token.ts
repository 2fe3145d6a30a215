import { z } from "zod";
import type { SupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { call, describeSilence, jsonOf } from "./call.ts";
import { failed, ok, type Outcome, skipped } from "./check.ts";
import { type DeployedFunction, errorIn } from "./deployed_function.ts";
import { byHand, type SessionToken } from "./session_token.ts";
import { readPublishableKey } from "./variables.ts";

const log = "Read the function's log: Supabase dashboard, Edge Functions";

/** Codes that a function answers to a token that it accepts. */
const afterAcceptance = ["user_not_found", "user_inactive"];

/** Whether the deployed users-me accepts the instance's tokens. */
export async function checkAcceptedToken(
  { jwt, given }: SessionToken,
  { slug, url }: DeployedFunction,
): Promise<Outcome<undefined>> {
  const called = await call(url, { headers: { authorization: `Bearer ${jwt}` } });
  if (typeof called === "string") return failed(`${slug} ${describeSilence(called)}`, log);
  const error = errorIn(called.text);
  if (called.status === 200 || (error && afterAcceptance.includes(error.code))) {
    return ok(`${slug} accepts a real session token`, undefined);
  }
  // The hint names this variable only if the signature was right. A token of a session that a program
  // begins, as doctor does, names no origin of the app's.
  if (error?.code === "invalid_token" && error.hint?.includes("CLERK_AUTHORIZED_PARTIES")) {
    if (given) {
      return failed(
        `${slug} refuses a real session token for its origin`,
        "Add the app's origin to CLERK_AUTHORIZED_PARTIES, or unset it if native apps call: " +
          "their tokens name no origin",
      );
    }
    return skipped(
      `${slug} verifies the signature of a real session token. The rest cannot be examined: it takes ` +
        "only tokens of the origins in CLERK_AUTHORIZED_PARTIES, and doctor's own is of none of them",
      byHand,
    );
  }
  if (error?.code === "invalid_token") {
    return failed(
      `${slug} refuses a real session token`,
      "Compare CLERK_SECRET_KEY, CLERK_JWT_KEY and CLERK_ISSUER of the function with the instance: its log " +
        "names the reason",
    );
  }
  return failed(
    `${slug} answers a real session token with HTTP ${called.status}${
      error ? ` ${error.code}` : ""
    }`,
    log,
  );
}

/** Whether the token has the claim by which Supabase knows a signed-in user. */
export function checkRoleClaim({ claims }: SessionToken): Outcome<undefined> {
  if (claims.role === "authenticated") {
    return ok('Tokens have the claim "role": "authenticated"', undefined);
  }
  return failed(
    'Tokens lack the claim "role": "authenticated"',
    "Activate the Supabase integration: https://dashboard.clerk.com/setup/supabase",
  );
}

const apiError = z.object({ code: z.string() });

/** Whether the Data API knows the instance that issues the tokens. */
export async function checkThirdPartyAuth(
  { jwt, claims }: SessionToken,
  { url, key }: SupabaseSettings,
  environment: Environment,
): Promise<Outcome<undefined>> {
  const called = await call(`${url}/rest/v1/users?select=clerk_id&limit=1`, {
    headers: { apikey: readPublishableKey(environment) ?? key, authorization: `Bearer ${jwt}` },
  });
  if (typeof called === "string") {
    return failed(`The Data API ${describeSilence(called)}`, "Look whether the project is paused");
  }
  const code = apiError.safeParse(jsonOf(called.text)).data?.code ?? "";
  if (called.status === 200) return ok("The Data API accepts Clerk's tokens", undefined);
  // The token is looked at before the table: it may be in another schema than the API's.
  if (code === "PGRST205" || code === "42P01") {
    return ok("The Data API accepts Clerk's tokens. It does not show users", undefined);
  }
  if (code === "42501") {
    if (claims.role !== "authenticated") {
      return ok("The Data API accepts Clerk's tokens, for nobody in particular", undefined);
    }
    return failed("Signed-in users may not read users", "Apply the migrations again");
  }
  if (called.status === 401) {
    return failed(
      "The Data API does not accept Clerk's tokens",
      `Add Clerk with the domain ${
        URL.parse(claims.iss)?.host ?? "of your instance"
      }: Supabase dashboard, ` +
        "Authentication, Sign In / Providers, Third-Party Auth",
    );
  }
  return failed(
    `The Data API answers a token with HTTP ${called.status}`,
    "Look at the check database",
  );
}
