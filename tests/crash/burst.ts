import assert from "node:assert/strict";
import { z } from "zod";
import type { Fact } from "../../supabase/functions/_shared/facts/fact.ts";
import { type Acknowledged, readLedger } from "../support/database/ledger.ts";
import { anyUserFact } from "../support/facts/any_facts.ts";
import { deliveryOf } from "../support/facts/deliveries.ts";
import { newClerkId, userDeletedFact } from "../support/facts/facts.ts";
import {
  anyOrganizationNews,
  anyTimeAgo,
  castOrganizations,
} from "../support/facts/organization_cast.ts";
import { assertWhole } from "../support/database/assert_rows.ts";
import type { Random } from "../support/random.ts";
import { clerk, longToken, signUp } from "../support/stack/clerk.ts";
import { deliver } from "../support/stack/deliver.ts";
import { assertNothingMissing } from "../support/stack/nothing_missing.ts";
import { backend, callWithToken } from "../support/stack/supabase.ts";
import { readMessages } from "../support/stack/svix_messages.ts";
import { persist, unlessDown, unlessUnreachable } from "./persistence.ts";

const syntheticUsers = 12;
const deliveries = 300;
const realUsers = 4;
/** How often each real user changes their profile, calls users-sync and calls users-me. */
const rounds = 6;
const reads = 30;

/** How many actions a burst has. */
export const burstWork = deliveries + realUsers * rounds * 3 + reads;

const atOnce = 24;

/** Many actions at once, each tried until it succeeds, and a check of the result. */
export interface Burst {
  /** @returns how many attempts met an outage */
  run(tick: () => Promise<void>): Promise<number>;
  /** Waits for Svix' own redeliveries and asserts that nothing is lost or wrong. */
  assertNothingLost(): Promise<void>;
}

const received = z.object({ outcome: z.string() });
const answered = z.object({ user: z.object({ clerk_id: z.string() }) });

export async function prepareBurst(random: Random): Promise<Burst> {
  const acknowledged: Acknowledged[] = [];
  const synthetic = Array.from({ length: syntheticUsers }, () => newClerkId());
  const organizations = castOrganizations(synthetic);
  const real = await Promise.all(Array.from({ length: realUsers }, async () => {
    const { id } = await signUp();
    return { id, token: await longToken(id) };
  }));
  // users-me must know them from the beginning.
  for (const { token } of real) await callWithToken("users-sync", token);

  function anyNews(): Fact {
    if (random.chance(0.3)) return anyOrganizationNews(organizations, random);
    const clerkId = random.pick(synthetic);
    const leaves = synthetic.indexOf(clerkId) < 3 && random.chance(0.1);
    return leaves ? userDeletedFact(clerkId, anyTimeAgo(0, random)) : anyUserFact(clerkId, random);
  }

  const all = Array.from({ length: deliveries }, () => deliveryOf(anyNews()));
  const facts = all.map(({ fact }) => fact);
  const delivering = all.map((delivery) => async () => {
    const { value, attempts } = await persist(() =>
      unlessDown(deliver(delivery.body, { id: delivery.id }))
    );
    acknowledged.push({ delivery, outcome: received.parse(value.body).outcome, attempts });
    return attempts;
  });
  const changing = real.flatMap(({ id }) =>
    Array.from({ length: rounds }, random.token).map((token) => async () => {
      const names = { firstName: token, lastName: token };
      const { attempts } = await persist(() =>
        unlessUnreachable(clerk().users.updateUser(id, names))
      );
      return attempts;
    })
  );
  const calling = ["users-sync", "users-me"].flatMap((name) =>
    Array.from({ length: rounds }, () => real).flat().map(({ id, token }) => async () => {
      const { value, attempts } = await persist(() => unlessDown(callWithToken(name, token)));
      assert.equal(answered.parse(value.body).user.clerk_id, id);
      return attempts;
    })
  );
  let read = 0;
  const reading = Array.from({ length: reads }, () => random.pick(synthetic))
    .map((id) => async () => {
      const { value: rows, attempts } = await persist(() => readUnlessDown(id));
      for (const row of rows) assertWhole(row, facts);
      read += rows.length;
      return attempts;
    });

  return {
    async run(tick) {
      const waiting = random.shuffled([...delivering, ...changing, ...calling, ...reading]);
      assert.equal(waiting.length, burstWork);
      let outages = 0;
      await Promise.all(Array.from({ length: atOnce }, async () => {
        for (let next = waiting.pop(); next; next = waiting.pop()) {
          const [attempts] = await Promise.all([next(), tick()]);
          outages += attempts - 1;
        }
      }));
      return outages;
    },

    async assertNothingLost() {
      assert.equal(acknowledged.length, deliveries);
      assert.ok(read > 0, "rows were read during the burst");
      await assertNothingMissing({ users: real.map(({ id }) => id), facts, acknowledged });
      for (const { id } of real) {
        const known = new Set((await readLedger([id])).map((entry) => entry.delivery_id));
        const { data } = await readMessages({ user_id: id });
        assert.ok(data.length > rounds);
        for (const message of data) assert.ok(known.has(message.id), `${message.type} is recorded`);
      }
    },
  };
}

/** The user's row, if any, or undefined if the API or the database is down. */
async function readUnlessDown(clerkId: string) {
  const { data, status, error } = await backend().from("users").select().eq("clerk_id", clerkId)
    .retry(false);
  if (!error) return data;
  // PostgREST answers with 400 and no code if it loses its database connection during the request.
  assert.ok(status >= 500 || error.code === "", `${status} ${error.code}`);
  return undefined;
}
