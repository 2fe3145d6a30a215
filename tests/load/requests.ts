import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { anyUserFact } from "../support/facts/any_facts.ts";
import { type Delivery, deliveryOf } from "../support/facts/deliveries.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { anyOrganizationNews, castOrganizations } from "../support/facts/organization_cast.ts";
import type { Random } from "../support/random.ts";
import { longToken, signClaims, signUp } from "../support/stack/clerk.ts";
import { deliver } from "../support/stack/deliver.ts";
import type { Traffic } from "../support/stack/nothing_missing.ts";
import { type Answer, call, callWithToken } from "../support/stack/supabase.ts";

/** A kind of request, and its expected answers. */
export interface Kind {
  readonly name: string;
  /** Its share of all requests, in percent. */
  readonly weight: number;
  /** "200", or "401 invalid_token". */
  readonly expected: readonly string[];
  ask(random: Random): Promise<Answer>;
}

/** Requests of every kind, and what must be in the database afterwards. */
export interface MixedTraffic extends Traffic {
  readonly kinds: readonly Kind[];
}

/** Enough users that none reaches the limit that users-sync sets for each. */
const signedInUsers = 200;
const syntheticUsers = 400;
/** How many of them are in organizations. */
const members = 50;
const oversize = "x".repeat(1024 * 1024 + 1);

export async function createTraffic(): Promise<MixedTraffic> {
  const facts: Fact[] = [];
  const acknowledged: { readonly delivery: Delivery; outcome: string; attempts: number }[] = [];
  const synthetic = Array.from({ length: syntheticUsers }, () => newClerkId());
  const organizations = castOrganizations(synthetic.slice(0, members));
  const users = await Promise.all(
    Array.from({ length: signedInUsers }, async () => (await signUp()).id),
  );
  const now = Math.floor(Date.now() / 1000);
  const tokens = await Promise.all(
    users.map((id) => longToken(id)),
  );
  const badTokens = await makeBadTokens(tokens[0] ?? "", now);
  for (const token of tokens) await callWithToken("users-sync", token);

  function deliverNews(random: Random): Promise<Answer> {
    return deliverFirst(anyUserFact(random.pick(synthetic), random));
  }

  async function deliverFirst(fact: Fact): Promise<Answer> {
    const delivery = deliveryOf(fact);
    facts.push(fact);
    const answer = await deliver(delivery.body, delivery);
    acknowledged.push({ delivery, outcome: outcomeOf(answer), attempts: 1 });
    return answer;
  }

  async function deliverAgain(random: Random): Promise<Answer> {
    if (acknowledged.length === 0) return await deliverNews(random);
    const known = random.pick(acknowledged);
    known.attempts++;
    const answer = await deliver(known.delivery.body, known.delivery);
    if (outcomeOf(answer) === "applied") throw new Error("An earlier delivery was applied again");
    return answer;
  }

  const kinds: readonly Kind[] = [
    {
      name: "users-me",
      weight: 28,
      expected: ["200"],
      ask: (random) => callWithToken("users-me", random.pick(tokens)),
    },
    {
      name: "users-sync",
      weight: 14,
      expected: ["200"],
      ask: (random) => callWithToken("users-sync", random.pick(tokens)),
    },
    { name: "webhook, news", weight: 18, expected: ["200"], ask: deliverNews },
    {
      name: "webhook, news of organizations",
      weight: 10,
      expected: ["200"],
      ask: (random) => deliverFirst(anyOrganizationNews(organizations, random)),
    },
    { name: "webhook, duplicate", weight: 8, expected: ["200"], ask: deliverAgain },
    {
      name: "webhook, of no concern",
      weight: 3,
      expected: ["200"],
      ask: () => deliver(eventBody("session.created", { id: "sess_1", object: "session" })),
    },
    {
      name: "webhook, bad signature",
      weight: 5,
      expected: ["401 invalid_signature"],
      ask: () => deliver(eventBody("user.created", {}), { secret: otherSecret }),
    },
    {
      name: "webhook, bad event",
      weight: 2,
      expected: ["422 invalid_event"],
      ask: () => deliver(eventBody("user.created", clerkUserJson({ updated_at: "never" }))),
    },
    {
      name: "webhook, oversize",
      weight: 2,
      expected: ["413 payload_too_large"],
      ask: () => deliver(oversize),
    },
    {
      name: "bad token",
      weight: 6,
      expected: ["401 invalid_token"],
      ask: (random) =>
        callWithToken(random.pick(["users-me", "users-sync"]), random.pick(badTokens)(random)),
    },
    {
      name: "no token",
      weight: 2,
      expected: ["401 missing_token"],
      ask: (random) => call(random.pick(["users-me", "users-sync"]), { method: "POST" }),
    },
    {
      name: "other method",
      weight: 2,
      expected: ["405 method_not_allowed"],
      ask: (random) =>
        call(random.pick(["users-me", "users-sync", "clerk-webhook"]), { method: "DELETE" }),
    },
  ];
  return { kinds, users, facts, acknowledged };
}

const otherSecret = `whsec_${btoa("somebody else's secret!!")}`;

function outcomeOf({ body }: Answer): string {
  return /"outcome":"(\w+)"/.exec(JSON.stringify(body))?.[1] ?? "none";
}

/** Tokens that are expired, unsigned, altered or of an unknown key, and a text that is no token. */
async function makeBadTokens(genuine: string, now: number) {
  const [header = "", payload = "", signature = ""] = genuine.split(".");
  const part = (claims: unknown) => btoa(JSON.stringify(claims)).replace(/=+$/, "");
  const expired = await signClaims({ sub: "user_1", iat: now - 99, nbf: now - 99, exp: now - 60 });
  const altered = `${header}.${payload}.${signature.split("").reverse().join("")}`;
  return [
    () => expired,
    () => altered,
    () => `${part({ alg: "none", typ: "JWT" })}.${payload}.`,
    (random: Random) =>
      `${part({ alg: "RS256", typ: "JWT", kid: random.token() })}.${payload}.${signature}`,
    (random: Random) => random.token(),
  ];
}
