import assert from "node:assert/strict";
import { z } from "zod";
import { examine, type NamedFinding } from "../../cli/doctor/examine.ts";
import { readInstallation } from "../../cli/doctor/installation.ts";
import { renderJson, renderTable } from "../../cli/doctor/report.ts";
import { variablesOf } from "../../cli/project_settings.ts";
import { askDouble } from "../../local/clerk/control/client.ts";
import { checkout } from "../../local/options.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { canary, findLeaks, secretsOf } from "../support/leaks/leak.ts";
import { type LoopbackServer, serveLoopback } from "../support/loopback_server.ts";
import { clerk, signIn, signUp } from "../support/stack/clerk.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { everythingDelivered } from "../support/stack/svix_messages.ts";

/** Answers a request in the project's place. Undefined lets it through. */
export type Disturb = (request: Request) => Response | Promise<Response> | undefined;

/** What differs from the healthy chain. */
export interface Difference {
  /** Undefined removes a variable. */
  readonly environment?: Environment;
  readonly token?: string;
  readonly disturb?: Disturb;
  /** Examines with deliveries that have failed as they are. */
  readonly unsettled?: boolean;
}

/** A healthy chain with a front before the project, at which tests break things. */
export interface Chain {
  readonly own: OwnStack;
  readonly environment: Environment;
  /** Where the endpoint in Svix points to. */
  readonly webhookUrl: string;
  /** Runs doctor. Fails if what it prints has a secret or anything of a user's. */
  examine(difference?: Difference): Promise<NamedFinding[]>;
  /** A session token whose sign-in has arrived: where webhooks do not, doctor must not sign in. */
  signIn(): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a stack with two users and an organization, all of whose texts have the canary. */
export async function startChain(): Promise<Chain> {
  const own = await startOwnStack({ databaseSettings: { fsync: "off" } });
  let disturb: Disturb = () => undefined;
  const front = serveLoopback((request) => disturb(request) ?? forward(request));
  const webhookUrl = `${front.url}/functions/v1/clerk-webhook`;
  await control("PUT", "endpoint", { url: webhookUrl });
  const userId = await populate();
  const environment = { ...variablesOf({ ...own.stack.values }), SUPABASE_URL: front.url };
  const installation = await readInstallation(checkout);
  return {
    own,
    environment,
    webhookUrl,
    async examine({ environment: changes = {}, token, disturb: given, unsettled } = {}) {
      if (!unsettled) await settle();
      disturb = given ?? (() => undefined);
      try {
        const findings = await examine({
          environment: { ...environment, ...changes },
          installation,
          token,
        });
        requireNoLeak(findings);
        return findings;
      } finally {
        disturb = () => undefined;
      }
    },
    async signIn() {
      const token = await signIn(userId);
      await settle();
      return token;
    },
    stop: () => stop(own, front),
  };
}

async function stop(own: OwnStack, front: LoopbackServer) {
  await own.stop();
  await front[Symbol.asyncDispose]();
}

async function forward(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const headers = new Headers(request.headers);
  headers.delete("host");
  const body = await request.arrayBuffer();
  return await fetch(`${runningStack().API_URL}${pathname}${search}`, {
    method: request.method,
    headers,
    redirect: "manual",
    ...(body.byteLength > 0 ? { body } : {}),
  });
}

/** Returns the id of a user who is in an organization. */
async function populate(): Promise<string> {
  const [ada] = await Promise.all(["ada", "grace"].map((name) =>
    signUp({
      emailAddress: [`${canary}${name}@example.com`],
      firstName: `${canary}${name}`,
      lastName: `${canary}last`,
      publicMetadata: { [`${canary}key`]: `${canary}value` },
    })
  ));
  assert.ok(ada);
  await clerk().organizations.createOrganization({ name: `${canary}org`, createdBy: ada.id });
  return ada.id;
}

/** Lets what doctor or a test has set in motion arrive. */
export async function settle() {
  await control("POST", "deliver-now");
  await control("GET", "settled");
  await everythingDelivered();
}

/** Asks the double's control API. */
export async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await askDouble(runningStack(), method, path, body);
  assert.ok(response.ok, `${method} ${path}: ${response.status}`);
  return z.unknown().parse(await response.json());
}

/** Runs while the double meets these faults. */
export async function withFaults<Value>(
  faults: readonly Readonly<Record<string, unknown>>[],
  run: () => Promise<Value>,
): Promise<Value> {
  await control("PUT", "faults", { faults });
  try {
    return await run();
  } finally {
    await control("DELETE", "faults");
  }
}

function requireNoLeak(findings: readonly NamedFinding[]) {
  const printed = `${renderJson("project", findings)}\n${renderTable(findings, false)}`;
  const secrets = [...secretsOf(runningStack()), runningStack().CLERK_JWT_KEY];
  assert.deepEqual(findLeaks(printed, secrets), [], printed);
}

/** What is expected of the checks that are not ok: the others must be. */
export interface Expected {
  /** By name, what is found and what is to be done. */
  readonly failed?: Readonly<Record<string, readonly [finding: RegExp, remedy: RegExp]>>;
  readonly warning?: Readonly<Record<string, readonly [finding: RegExp, remedy: RegExp]>>;
  readonly skipped?: readonly string[];
}

/** Asserts that exactly these checks are not ok. */
export function assertFindings(findings: readonly NamedFinding[], expected: Expected): void {
  const { failed = {}, warning = {}, skipped = [] } = expected;
  const seen = (status: string) =>
    findings.filter((finding) => finding.status === status).map(({ name }) => name).sort();
  const printed = renderTable(findings, false);
  assert.deepEqual(seen("failed"), Object.keys(failed).sort(), printed);
  assert.deepEqual(seen("warning"), Object.keys(warning).sort(), printed);
  assert.deepEqual(seen("skipped"), skipped.toSorted(), printed);
  for (const [name, [what, todo]] of Object.entries({ ...failed, ...warning })) {
    const found = findings.find((finding) => finding.name === name);
    assert.match(found?.finding ?? "", what);
    assert.match(found?.remedy ?? "", todo);
  }
}

/** The checks that need Clerk's API. */
export const needClerk = [
  "jwt-key",
  "webhook-endpoint",
  "signing-secret",
  "webhook-attempts",
  "drift",
  "sample",
  "session-token",
  "accepted-token",
  "role-claim",
  "third-party-auth",
];

/** The checks that need the rows. */
export const needRows = ["schedule", "lag", "silence", "refused-deliveries", "drift", "sample"];
