import assert from "node:assert/strict";
import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import type { Outcome } from "../support/database/apply_facts.ts";
import { pause } from "../support/eventually.ts";
import { anyUserFact } from "../support/facts/any_facts.ts";
import { type Delivery, deliveryOf } from "../support/facts/deliveries.ts";
import { newClerkId, userDeletedFact } from "../support/facts/facts.ts";
import {
  anyOrganizationNews,
  anyTimeAgo,
  castOrganizations,
  type OrganizationCast,
} from "../support/facts/organization_cast.ts";
import type { Random } from "../support/random.ts";
import { deliver } from "../support/stack/deliver.ts";
import type { ApplyBatch } from "./bulk.ts";

/** One action of a writer. It fails if the answer is wrong. */
export type Writer = (random: Random) => Promise<void>;

/** All facts told, in any way, about users, organizations and memberships that only this test uses. */
export interface Chronicle {
  readonly facts: Fact[];
  /** Deliveries that were answered with success. They are never news again. */
  readonly acknowledged: Delivery[];
}

/** Users, organizations and memberships whose facts the test makes up. */
export interface Cast extends OrganizationCast {
  /** Few users, with most of the facts. */
  readonly alive: readonly string[];
  readonly deleted: readonly string[];
  /** Deleted so long ago that a purge erases them. */
  readonly longDeleted: readonly string[];
  /** Many users with few facts each. Batches about them overlap in every order. */
  readonly crowd: readonly string[];
}

function newUsers(count: number): string[] {
  return Array.from({ length: count }, () => newClerkId());
}

export function castUsers(): Cast {
  const [alive, deleted, longDeleted] = [newUsers(3), newUsers(1), newUsers(2)];
  const organizations = castOrganizations([...alive, ...deleted, ...longDeleted]);
  return { alive, deleted, longDeleted, crowd: newUsers(120), ...organizations };
}

/** A deletion of one of the deleted users, at a random time. */
function deletionOf(cast: Cast, clerkId: string, random: Random): Fact {
  return userDeletedFact(clerkId, anyTimeAgo(cast.longDeleted.includes(clerkId) ? 40 : 1, random));
}

function anyNews(cast: Cast, users: readonly string[], random: Random): Fact {
  const clerkId = random.pick(users);
  const leaves = cast.longDeleted.includes(clerkId) || cast.deleted.includes(clerkId);
  return leaves && random.chance(0.1)
    ? deletionOf(cast, clerkId, random)
    : anyUserFact(clerkId, random);
}

const taken = ["applied", "duplicate", "stale"];

/** Delivers until the function takes it, as Svix does. A busy machine exceeds the time limit of a call now and then. */
async function outcomeOf({ id, body }: Pick<Delivery, "id" | "body">): Promise<string> {
  const answer = await deliver(body, { id });
  if (answer.status === 503) {
    await pause(100);
    return await outcomeOf({ id, body });
  }
  const text = JSON.stringify(answer.body);
  const outcome = /^{"received":true,"outcome":"(\w+)"}$/.exec(text)?.[1];
  assert.ok(answer.status === 200 && outcome && taken.includes(outcome), text);
  return outcome;
}

/** Delivers a deletion of every deleted user, since chance may have left some without one. */
export async function tellDeletions(chronicle: Chronicle, cast: Cast, random: Random) {
  for (const clerkId of [...cast.deleted, ...cast.longDeleted]) {
    const delivery = deliveryOf(deletionOf(cast, clerkId, random));
    chronicle.facts.push(delivery.fact);
    await outcomeOf(delivery);
    chronicle.acknowledged.push(delivery);
  }
}

/** Delivers webhooks: news (some of it late), copies at once, and earlier deliveries again. */
export function createWebhookWriter(chronicle: Chronicle, cast: Cast): Writer {
  const few = [...cast.alive, ...cast.deleted, ...cast.longDeleted];

  return async (random) => {
    if (chronicle.acknowledged.length > 0 && random.chance(0.3)) {
      const outcome = await outcomeOf(random.pick(chronicle.acknowledged));
      assert.notEqual(outcome, "applied", "an earlier delivery changes nothing");
      return;
    }
    const delivery = deliveryOf(
      random.chance(0.5) ? anyNews(cast, few, random) : anyOrganizationNews(cast, random),
    );
    chronicle.facts.push(delivery.fact);
    const copies = random.chance(0.2) ? 3 : 1;
    const outcomes = await Promise.all(Array.from({ length: copies }, () => outcomeOf(delivery)));
    const applied = outcomes.filter((outcome) => outcome === "applied").length;
    assert.ok(applied <= 1, "at most one of the copies changes anything");
    chronicle.acknowledged.push(delivery);
  };
}

/** A fact that cannot be applied. The rest of its batch can. */
const broken = { kind: "user", clerk_id: "user_broken", clerk_updated_at: "not a time" };

/** Writes batches of up to `most` facts: in any order, some known, sometimes a broken one. */
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
      const fact = random.chance(0.5)
        ? anyNews(cast, users, random)
        : anyOrganizationNews(cast, random);
      return { delivery: deliveryOf(fact), known };
    });
    for (const { delivery, known } of entries) if (!known) chronicle.facts.push(delivery.fact);
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
      if (known) assert.ok(!changes.includes(outcome), `a known fact was ${outcome}`);
      else chronicle.acknowledged.push(delivery);
    }
  };
}

const failures: readonly Outcome[] = ["invalid", "rejected"];
const changes: readonly Outcome[] = ["created", "updated"];

/** The fact of a delivery, with or without an entry in the ledger. */
function withDelivery({ id, fact }: Delivery, recorded: boolean) {
  if (!recorded) return fact;
  const delivery = { id, type: "user.updated", source: "backfill", occurred_at: null };
  return { ...fact, delivery };
}
