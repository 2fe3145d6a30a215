import fc from "fast-check";
import assert from "node:assert/strict";
import { sessionClaims } from "../../local/clerk/sessions/tokens.ts";
import { meanings } from "../../supabase/functions/_shared/failure.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { type Answer, errorOf } from "../support/stack/supabase.ts";
import type { AttackedStack } from "./attacked_stack.ts";
import { compactToken, rsa } from "./compact_token.ts";
import { type FuzzRequest, fuzzRequests, type FuzzToken } from "./fuzz_requests.ts";
import { signUpForFuzzing } from "./fuzz_users.ts";
import { deliveryHeaders, secondsNow, signDelivery } from "./signed_delivery.ts";

export interface FuzzOptions {
  readonly attacked: AttackedStack;
  readonly count: number;
  readonly seed: number;
}

export interface FuzzReport {
  /** How many answers of each kind there were: function, status and code. */
  readonly answers: ReadonlyMap<string, number>;
  /** Answers that broke a rule, with their requests, and log lines that should not be there. */
  readonly problems: readonly string[];
  readonly seconds: number;
}

/** Requests under way at once. */
const concurrency = 16;

/** Sends random requests and checks every answer against the rules that hold for all. */
export async function fuzz({ attacked, count, seed }: FuzzOptions): Promise<FuzzReport> {
  const userIds = await signUpForFuzzing();
  const requests = fc.sample(fuzzRequests(), { seed, numRuns: count });
  const answers = new Map<string, number>();
  const problems: string[] = [];
  let { failures: failed } = await attacked.leaks.report(0);
  const began = performance.now();
  const next = requests.entries();
  const worker = async () => {
    for (const [index, request] of next) {
      try {
        const kind = await attack(attacked, request, userIds);
        if (/ 4\d\d/.test(kind)) failed++;
        answers.set(kind, (answers.get(kind) ?? 0) + 1);
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error);
        problems.push(`Request ${index} of seed ${seed}: ${reason}\n${fc.stringify(request)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const seconds = (performance.now() - began) / 1000;
  const { leaks, failures: lines, others } = await attacked.leaks.report(failed);
  if (lines !== failed) problems.push(`${lines} log lines for ${failed} failures`);
  // Each function logs once that it listens. Any other line would be a crash or an unhandled rejection.
  const unexpected = others.filter((line) => !line.startsWith("listening on "));
  if (others.length - unexpected.length !== 3) problems.push("A function has started again");
  problems.push(...leaks.map((leak) => `Leaked: ${leak}`), ...unexpected);
  return { answers, problems, seconds };
}

function isPreflight({ functionName, method }: FuzzRequest): boolean {
  return method === "OPTIONS" && functionName !== "clerk-webhook";
}

/** Sends one request and returns the kind of its answer. Throws if the answer breaks a rule. */
async function attack(
  attacked: AttackedStack,
  request: FuzzRequest,
  userIds: readonly string[],
): Promise<string> {
  const { functionName, method, suffix, body } = request;
  const headers = new Headers(request.headers.map(([name, value]) => [name, value]));
  const signed = signHeaders(request, headers);
  const bearer = await authorize(attacked, request, userIds, headers);
  const response = await fetch(
    `${runningStack().API_URL}/functions/v1/${functionName}${suffix}`,
    { method, headers, ...(method === "GET" || method === "HEAD" ? {} : { body }) },
  );
  const text = await response.text();
  const { status } = response;
  const kind = `${functionName} ${status}`;

  // There are few users, so some reach the limit that users-sync sets for each.
  const limited = functionName === "users-sync" && text.includes('"clerk_rate_limited"');
  assert.ok(status < 500 || limited, `${status} ${text}`);
  assert.match(response.headers.get("x-request-id") ?? "", /^[\w.-]{8,128}$/);
  if (isPreflight(request)) {
    assert.equal(status, 204);
    return kind;
  }
  assert.equal(response.headers.get("content-type"), "application/json");
  if (method === "HEAD") {
    assert.equal(status, 405);
    return kind;
  }
  const answer: Answer = { status, headers: response.headers, body: JSON.parse(text) };
  attacked.leaks.hear(answer);
  if (status >= 400) return `${kind} ${assertDocumented(answer)}`;
  if (functionName === "clerk-webhook") {
    assert.ok(signed, "A delivery without a genuine signature got in");
    return `${kind} ${JSON.parse(text).outcome}`;
  }
  assert.ok(bearer !== null, "Somebody got in without a genuine token");
  assert.equal(JSON.parse(text).user.clerk_id, bearer);
  return kind;
}

/** Returns the error's code. Throws if the answer is not as documented. */
function assertDocumented(answer: Answer): string {
  const error = errorOf(answer);
  const meaning = new Map(Object.entries(meanings)).get(error.code);
  assert.equal(answer.status, meaning?.status);
  assert.equal(error.request_id, answer.headers.get("x-request-id"));
  const isChallenged = error.code === "missing_token" || error.code === "invalid_token";
  assert.equal(answer.headers.get("www-authenticate"), isChallenged ? "Bearer" : null);
  return error.code;
}

/** Seconds. */
const tolerance = 300;

/** Adds the delivery's headers. Returns whether they are genuine. */
function signHeaders({ signature, body }: FuzzRequest, headers: Headers): boolean {
  if (signature === null) return false;
  const { prefix, id, age, changes } = signature;
  const genuine = deliveryHeaders(signDelivery(body, { id, seconds: secondsNow() - age }), prefix);
  for (const [name, value] of Object.entries({ ...genuine, ...changes })) headers.set(name, value);
  // Headers named webhook-* are ignored beside Svix' own.
  const ignored = prefix === "svix" ? "webhook-" : "nothing";
  const isUnchanged = Object.keys(changes).every((name) => name.startsWith(ignored));
  return isUnchanged && Math.abs(age) <= tolerance;
}

/** Adds the Authorization header. Returns the user whose genuine token it holds, or null. */
async function authorize(
  { instanceKey }: AttackedStack,
  { authorization }: FuzzRequest,
  userIds: readonly string[],
  headers: Headers,
): Promise<unknown> {
  if (authorization === null) return null;
  if (typeof authorization === "string") {
    headers.set("authorization", authorization);
    return null;
  }
  const claims = { ...usualClaims(authorization, userIds), ...authorization.claims };
  const header = { alg: "RS256", kid: instanceKey.publicJwk.kid, typ: "JWT" };
  const token = await compactToken(
    { ...header, ...authorization.header },
    claims,
    rsa(instanceKey),
  );
  const sent = damaged(token, authorization.damage);
  headers.set("authorization", `Bearer ${sent}`);
  // Spaces around a header's value are not part of it.
  return sent.trim() === token ? claims.sub : null;
}

function usualClaims({ user }: FuzzToken, userIds: readonly string[]) {
  const subject = {
    userId: userIds[user % userIds.length] ?? "user_none",
    sessionId: "sess_1",
    status: "active",
    origin: null,
    verifiedAt: 0,
  } as const;
  return {
    sub: subject.userId,
    ...sessionClaims(subject, "https://clerk.example.com", Date.now()),
  };
}

function damaged(token: string, damage: FuzzToken["damage"]): string {
  if (damage === null) return token;
  const at = Math.floor(damage.at * token.length);
  return token.slice(0, at) + damage.text + token.slice(at + damage.text.length);
}
