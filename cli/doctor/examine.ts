import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { checkAcceptedToken, checkRoleClaim, checkThirdPartyAuth } from "./accepted_token.ts";
import {
  after,
  begin,
  both,
  type Check,
  type Finding,
  ifMet,
  type Need,
  nothing,
  type Outcome,
} from "./check.ts";
import { checkClerkApi } from "./clerk_api.ts";
import { checkCors, checkNoCors } from "./cors.ts";
import { checkDatabase } from "./database.ts";
import { checkLag, checkRefusedDeliveries, checkSilence } from "./deliveries.ts";
import { checkFunction, type DeployedFunction } from "./deployed_function.ts";
import { checkDrift } from "./drift.ts";
import type { FunctionName, Installation } from "./installation.ts";
import { checkJwtKey } from "./jwt_key.ts";
import { checkMatchingKeys } from "./matching_keys.ts";
import { checkMigrations } from "./migrations.ts";
import { checkReconcileFunction } from "./reconcile_function.ts";
import { checkSample } from "./sample.ts";
import { checkSchedule } from "./schedule.ts";
import { checkSessionToken } from "./session_token.ts";
import { checkClerkVariables, checkSupabaseVariables, checkWebhookVariables } from "./variables.ts";
import { checkSigningSecret, checkWebhookAttempts } from "./webhook_attempts.ts";
import { checkWebhookEndpoint } from "./webhook_endpoint.ts";
import { checkWebhookSecret } from "./webhook_secret.ts";

/** What is examined. */
export interface Subject {
  readonly environment: Environment;
  readonly installation: Installation;
  /** A session token, by `--token`. */
  readonly token?: string | undefined;
}

/** A check's finding, under its name. */
export type NamedFinding = Finding & { readonly name: string };

/** Milliseconds that all checks together may take. */
const timeLimit = 18_000;

/** Runs every check, and returns the findings in the order of the chain. */
export async function examine(
  { environment, installation, token }: Subject,
): Promise<NamedFinding[]> {
  const deadline = Date.now() + timeLimit;
  const checks: Check<unknown>[] = [];
  function check<Needed, Value>(
    name: string,
    need: Need<Needed>,
    run: (needed: Needed) => Outcome<Value> | Promise<Outcome<Value>>,
  ): Check<Value> {
    const begun = begin(name, deadline, need, run);
    checks.push(begun);
    return begun;
  }

  const supabase = check("supabase-variables", nothing, () => checkSupabaseVariables(environment));
  const clerkKey = check("clerk-variables", nothing, () => checkClerkVariables(environment));
  const secrets = check("webhook-variables", nothing, () => checkWebhookVariables(environment));
  check("matching-keys", nothing, () => checkMatchingKeys(environment));

  const clerk = check("clerk-api", clerkKey, (settings) => checkClerkApi(settings, environment));
  check("jwt-key", clerk, (instance) => checkJwtKey(instance, environment));

  const reached = check("database", supabase, checkDatabase);
  const database = check(
    "migrations",
    both(reached, supabase),
    ([found, settings]) => checkMigrations(found, settings, environment, installation),
  );

  const deployed = (name: FunctionName): Check<DeployedFunction> =>
    check(
      name,
      supabase,
      (settings) => checkFunction(name, installation.functions[name], settings),
    );
  const usersSync = deployed("users-sync");
  const usersMe = deployed("users-me");
  const webhook = deployed("clerk-webhook");
  check("cors-users-sync", usersSync, checkCors);
  check("cors-users-me", usersMe, checkCors);
  check("cors-clerk-webhook", webhook, checkNoCors);

  const schedule = check(
    "schedule",
    both(supabase, database),
    ([settings]) => checkSchedule(settings, environment, installation),
  );
  check(
    "clerk-reconcile",
    both(supabase, ifMet(schedule)),
    ([settings, scheduled]) =>
      checkReconcileFunction(installation.functions["clerk-reconcile"], settings, scheduled),
  );

  check(
    "webhook-secret",
    both(both(webhook, secrets), ifMet(clerk)),
    ([[to, keys], instance]) => checkWebhookSecret(to, keys, instance, environment),
  );
  const endpoint = check(
    "webhook-endpoint",
    both(clerk, supabase),
    ([instance, { url }]) =>
      checkWebhookEndpoint(
        instance,
        `${url}/functions/v1/${installation.functions["clerk-webhook"]}`,
      ),
  );
  check("signing-secret", both(endpoint, secrets), ([to, keys]) => checkSigningSecret(to, keys));
  check("webhook-attempts", endpoint, checkWebhookAttempts);

  check("lag", database, checkLag);
  check("silence", database, checkSilence);
  check("refused-deliveries", database, checkRefusedDeliveries);
  check("drift", both(clerk, database), ([instance, rows]) => checkDrift(instance, rows));
  const sample = check(
    "sample",
    both(clerk, database),
    ([instance, rows]) => checkSample(instance, rows),
  );

  // After the sample: a sign-in changes the user.
  const session = check(
    "session-token",
    after(sample, clerk),
    (instance) => checkSessionToken(instance, token),
  );
  check("accepted-token", both(session, usersMe), ([jwt, to]) => checkAcceptedToken(jwt, to));
  check("role-claim", session, checkRoleClaim);
  check(
    "third-party-auth",
    both(both(session, supabase), reached),
    ([[jwt, settings]]) => checkThirdPartyAuth(jwt, settings, environment),
  );

  return await Promise.all(
    checks.map(async ({ name, finding }) => ({ name, ...await finding })),
  );
}
