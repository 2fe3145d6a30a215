import assert from "node:assert/strict";
import { newClerkId, userDeletedFact } from "../database/facts.ts";
import { deliver } from "../http/webhooks.ts";
import type { ApplyBatch, Outcome } from "./bulk.ts";
import { type Chronicle, type Delivery, deliveryOf } from "./chronicle.ts";
import type { Told } from "./oracle.ts";
import type { Random } from "./random.ts";
import { anyState, factOf } from "./user_states.ts";

/** Does one thing that a writer does, and fails where the answer is not as it must be. */
export type Writer = (random: Random) => Promise<void>;

/** Users whose facts the test makes up. */
export interface Cast {
  /** Few, about whom most is told. */
  readonly alive: readonly string[];
  readonly deleted: readonly string[];
  /** Deleted so long ago that a purge erases them. */
  readonly longDeleted: readonly string[];
  /** Many, each told of now and then: batches about them overlap in every order. */
  readonly crowd: readonly string[];
}

export function castUsers(): Cast {
  const some = (count: number) => Array.from({ length: count }, newClerkId);
  return { alive: some(3), deleted: some(1), longDeleted: some(2), crowd: some(120) };
}

const day = 86_400_000;

function anyNews(cast: Cast, users: readonly string[], random: Random): Told {
  const clerkId = random.pick(users);
  const age = cast.longDeleted.includes(clerkId) ? 40 : cast.deleted.includes(clerkId) ? 1 : null;
  if (age !== null && random.chance(0.1)) {
    const deletedAt = Date.now() - age * day - 1000 * random.below(3600);
    return { kind: "deletion", clerkId, deletedAt };
  }
  return { kind: "state", state: anyState(clerkId, random) };
}

const taken = ["applied", "duplicate", "stale"];

/** Delivers webhooks: news, late ones among them, two of a kind at once, and earlier ones again. */
export function createWebhookWriter(chronicle: Chronicle, cast: Cast): Writer {
  const few = [...cast.alive, ...cast.deleted, ...cast.longDeleted];

  async function outcomeOf({ id, body }: Delivery): Promise<string> {
    const answer = await deliver(body, { id });
    const text = JSON.stringify(answer.body);
    const outcome = /^{"received":true,"outcome":"(\w+)"}$/.exec(text)?.[1];
    assert.ok(answer.status === 200 && outcome && taken.includes(outcome), text);
    return outcome;
  }

  return async (random) => {
    if (chronicle.acknowledged.length > 0 && random.chance(0.3)) {
      const outcome = await outcomeOf(random.pick(chronicle.acknowledged));
      assert.notEqual(outcome, "applied", "what came before changes nothing");
      return;
    }
    const delivery = deliveryOf(anyNews(cast, few, random));
    chronicle.add(delivery.told);
    const copies = random.chance(0.2) ? 3 : 1;
    const outcomes = await Promise.all(Array.from({ length: copies }, () => outcomeOf(delivery)));
    const applied = outcomes.filter((outcome) => outcome === "applied").length;
    assert.ok(applied <= 1, "only one of the copies changes anything");
    chronicle.acknowledged.push(delivery);
  };
}

/** What cannot be applied: the rest of its batch can. */
const broken = { kind: "user", clerk_id: "user_broken", clerk_updated_at: "not a time" };

/** Writes batches of up to `most` facts, ids in any order, with facts of before and a broken one. */
export function createBulkWriter(
  chronicle: Chronicle,
  cast: Cast,
  apply: ApplyBatch,
  most: number,
): Writer {
  const users = [...cast.alive, ...cast.deleted, ...cast.longDeleted, ...cast.crowd];

  return async (random) => {
    const size = random.chance(0.1) ? most : 1 + random.below(Math.min(most, 50));
    const entries = Array.from({ length: size }, () => {
      const known = chronicle.acknowledged.length > 0 && random.chance(0.7);
      if (known) return { delivery: random.pick(chronicle.acknowledged), known };
      return { delivery: deliveryOf(anyNews(cast, users, random)), known };
    });
    for (const { delivery, known } of entries) if (!known) chronicle.add(delivery.told);
    const facts: unknown[] = entries.map(({ delivery }) =>
      withDelivery(delivery, random.chance(0.3))
    );
    const hasBroken = random.chance(0.25);
    if (hasBroken) facts.push(broken);
    const outcomes = await apply(facts);
    assert.equal(outcomes.length, facts.length);
    if (hasBroken) assert.equal(outcomes.pop(), "rejected");
    for (const [index, { delivery, known }] of entries.entries()) {
      const outcome = outcomes[index];
      assert.ok(outcome && !failures.includes(outcome), `${outcome}`);
      if (known) assert.ok(!changes.includes(outcome), `known, and yet ${outcome}`);
      else chronicle.acknowledged.push(delivery);
    }
  };
}

const failures: readonly Outcome[] = ["invalid", "rejected"];
const changes: readonly Outcome[] = ["created", "updated"];

/** The fact of a delivery, with or without its entry in the ledger. */
function withDelivery({ id, told }: Delivery, recorded: boolean) {
  const fact = told.kind === "state"
    ? factOf(told.state)
    : userDeletedFact(told.clerkId, new Date(told.deletedAt).toISOString());
  if (!recorded) return fact;
  const delivery = { id, type: "user.updated", source: "backfill", occurred_at: null };
  return { ...fact, delivery };
}
