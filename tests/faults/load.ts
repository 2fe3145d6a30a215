import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import type { Acknowledged } from "../support/database/ledger.ts";
import { pause } from "../support/eventually.ts";
import { anyUserFact, tokenOf } from "../support/facts/any_facts.ts";
import { type Delivery, deliveryOf } from "../support/facts/deliveries.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { anyOrganizationNews, castOrganizations } from "../support/facts/organization_cast.ts";
import type { Random } from "../support/random.ts";
import { clerk, longToken, signUp } from "../support/stack/clerk.ts";
import { signedHeaders } from "../support/stack/deliver.ts";
import { call, callWithToken } from "../support/stack/supabase.ts";

export const functionNames = ["users-me", "users-sync", "clerk-webhook"] as const;
export type FunctionName = typeof functionNames[number];

/** A function under load, or clerk-webhook with news of organizations and memberships. */
export const doors = [...functionNames, "clerk-webhook, organizations"] as const;
export type Door = typeof doors[number];

/** A request and how it was answered. Times are milliseconds of `performance.now()`. */
export interface Sample {
  readonly name: Door;
  readonly started: number;
  readonly ended: number;
  /** "200", or "503 database_unavailable". */
  readonly outcome: string;
  /** The body, if it is not a success. */
  readonly refusal: string | undefined;
  readonly retryAfter: string | null;
}

/** Ten requests per second through every door, and changes at Clerk that cause webhooks. */
export interface Load {
  readonly samples: Sample[];
  /** Users at Clerk: the callers, and those who signed up meanwhile. */
  readonly users: readonly string[];
  /** Texts that no log line and no error may contain. */
  readonly secrets: ReadonlySet<string>;
  /** Facts told about other users, organizations and memberships. */
  readonly facts: readonly Fact[];
  /** Deliveries that were answered with success. */
  readonly acknowledged: Acknowledged[];
  /** Starts the load. Events are delivered until they are acknowledged, as Svix does. */
  start(): void;
  /** Stops the load and waits for outstanding answers. */
  stop(): Promise<void>;
  /** Gets new tokens for the callers, for example after a change of keys. */
  renewTokens(): Promise<void>;
  /** Delivers once more what was not acknowledged. Throws if any of it is refused again. */
  redeliver(): Promise<void>;
}

/** Enough callers that none reaches the limit that users-sync sets for each. */
const callers = 20;
const syntheticUsers = 6;
const interval = 100;
/** The most requests of a kind under way, so that a frozen part is not flooded. */
const mostAtOnce = 8;

interface Pending {
  readonly delivery: Delivery;
  attempts: number;
}

function doorOf({ kind }: Fact): Door {
  const isUser = kind === "user" || kind === "user_deleted";
  return isUser ? "clerk-webhook" : "clerk-webhook, organizations";
}

export async function createLoad(random: Random): Promise<Load> {
  const samples: Sample[] = [];
  const secrets = new Set<string>();
  const facts: Fact[] = [];
  const acknowledged: Acknowledged[] = [];
  const synthetic = Array.from({ length: syntheticUsers }, () => newClerkId());
  const organizations = castOrganizations(synthetic);
  const unacknowledged: Pending[] = [];
  const users: string[] = [];
  const underWay = new Set<Promise<void>>();
  const counts: Record<string, number> = {};
  let tokens: string[] = [];
  let timer: ReturnType<typeof setInterval> | undefined;
  let ticks = 0;

  async function addUser() {
    const address = `canary-${crypto.randomUUID()}@example.com`;
    secrets.add(address);
    users.push((await signUp({ emailAddress: [address] })).id);
  }

  async function renewTokens() {
    tokens = await Promise.all(users.slice(0, callers).map((id) => longToken(id)));
    for (const token of tokens) secrets.add(token);
  }

  async function ask(name: Door, request: RequestInit): Promise<string> {
    const functionName = name === "clerk-webhook, organizations" ? "clerk-webhook" : name;
    const started = performance.now();
    const { status, body, headers } = await call(functionName, { method: "POST", ...request });
    const ended = performance.now();
    const text = JSON.stringify(body);
    const code = /^{"(?:error":{")?code":"(\w+)"/.exec(text)?.[1];
    const outcome = code ? `${status} ${code}` : String(status);
    const refusal = status < 300 ? undefined : text;
    samples.push({
      name,
      started,
      ended,
      outcome,
      refusal,
      retryAfter: headers.get("retry-after"),
    });
    return text;
  }

  function askSignedIn(name: FunctionName) {
    return ask(name, { headers: { authorization: `Bearer ${random.pick(tokens)}` } });
  }

  async function deliverOnce(pending: Pending) {
    const { delivery } = pending;
    pending.attempts++;
    const text = await ask(doorOf(delivery.fact), {
      body: delivery.body,
      headers: { "content-type": "application/json", ...signedHeaders(delivery.body, delivery) },
    });
    const outcome = /"outcome":"(\w+)"/.exec(text)?.[1];
    if (outcome) acknowledged.push({ delivery, outcome, attempts: pending.attempts });
    else unacknowledged.push(pending);
  }

  function anyNews(door: Door): Fact {
    if (door === "clerk-webhook, organizations") return anyOrganizationNews(organizations, random);
    return anyUserFact(random.pick(synthetic), random);
  }

  async function deliverOne(door: Door) {
    const waiting = unacknowledged.findIndex(({ delivery }) => doorOf(delivery.fact) === door);
    const [again] = waiting >= 0 && random.chance(0.5) ? unacknowledged.splice(waiting, 1) : [];
    if (again) return await deliverOnce(again);
    const delivery = deliveryOf(anyNews(door));
    const token = tokenOf(delivery.fact);
    if (token !== null) secrets.add(token);
    facts.push(delivery.fact);
    await deliverOnce({ delivery, attempts: 0 });
  }

  async function change() {
    // Clerk may be the part that failed. The final check reads Clerk, so an unconfirmed change counts too.
    try {
      if (random.chance(0.3)) return await addUser();
      const token = random.token();
      secrets.add(token);
      await clerk().users.updateUser(random.pick(users), { firstName: token, lastName: token });
    } catch {
      await pause(interval);
    }
  }

  function begin(kind: string, most: number, run: () => Promise<unknown>) {
    if ((counts[kind] ?? 0) >= most) return;
    counts[kind] = (counts[kind] ?? 0) + 1;
    const running = run().then(() => {}).finally(() => {
      counts[kind] = (counts[kind] ?? 0) - 1;
      underWay.delete(running);
    });
    underWay.add(running);
  }

  function tick() {
    begin("users-me", mostAtOnce, () => askSignedIn("users-me"));
    begin("users-sync", mostAtOnce, () => askSignedIn("users-sync"));
    for (const door of ["clerk-webhook", "clerk-webhook, organizations"] as const) {
      begin(door, mostAtOnce, () => deliverOne(door));
    }
    if (ticks++ % 3 === 0) begin("change", 1, change);
  }

  await Promise.all(Array.from({ length: callers }, addUser));
  await renewTokens();
  // users-me must know them from the beginning, even if their webhooks are late.
  await Promise.all(tokens.map((token) => callWithToken("users-sync", token)));
  return {
    samples,
    users,
    secrets,
    facts,
    acknowledged,
    renewTokens,
    start() {
      timer ??= setInterval(tick, interval);
    },
    async stop() {
      clearInterval(timer);
      timer = undefined;
      await Promise.all(underWay);
    },
    async redeliver() {
      await Promise.all(unacknowledged.splice(0).map(deliverOnce));
      if (unacknowledged.length > 0) throw new Error(`${unacknowledged.length} were refused again`);
    },
  };
}
