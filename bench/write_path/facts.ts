import type { FactDelivery, UserFact } from "../../supabase/functions/_shared/facts/fact.ts";
import type { Random } from "../../tests/support/random.ts";

export type TimedFact = UserFact & { readonly delivery?: FactDelivery };

/** Creates facts about users `user_0` to `user_N`. */
export interface Facts {
  /** A batch about `batch` different users, newer than all batches before it. */
  newer(users: number, batch: number, ledger: boolean): readonly TimedFact[];
  /** A state that the rows have long outgrown. */
  older(users: number): readonly TimedFact[];
}

const start = Date.parse("2026-01-01T00:00:00Z");

export function createFacts(random: Random): Facts {
  let clock = start;
  let deliveries = 0;

  function fact(user: number, updatedAt: number, ledger: boolean): TimedFact {
    return {
      kind: "user",
      clerk_id: `user_${user}`,
      email: `user${user}@example.com`,
      email_verified: true,
      first_name: "Ada",
      last_name: `Lovelace ${updatedAt}`,
      username: null,
      image_url: "https://img.clerk.com/eyJ0eXBlIjoiZGVmYXVsdCIsImlpZCI6Imluc18x",
      phone: null,
      external_id: null,
      public_metadata: { plan: "pro", seats: 12 },
      banned: false,
      locked: false,
      last_sign_in_at: "2026-01-01T00:00:00.000Z",
      clerk_created_at: "2026-01-01T00:00:00.000Z",
      clerk_updated_at: new Date(updatedAt).toISOString(),
      ...(ledger ? { delivery: delivery() } : {}),
    };
  }

  function delivery(): FactDelivery {
    const id = `msg_${deliveries++}`;
    return { id, type: "user.updated", source: "webhook", occurred_at: null };
  }

  return {
    newer(users, batch, ledger) {
      const first = random.below(users);
      clock += 1000;
      return Array.from({ length: batch }, (_, index) =>
        // Far apart, as the users of a burst are.
        fact((first + index * Math.floor(users / batch)) % users, clock, ledger));
    },
    older: (users) => [fact(random.below(users), start - 1, false)],
  };
}
