import { z } from "zod";
import { askDouble } from "../clerk/control/client.ts";
import { type ListedAttempt, listedAttempt } from "../clerk/svix/attempt_log.ts";
import type { StackValues } from "../values.ts";
import { createSeconds } from "./seconds.ts";
import type { DeliveriesView, DeliveryView } from "./snapshot.ts";

const attempts = z.object({ data: z.array(listedAttempt) });
const endpoint = z.object({
  paused: z.boolean(),
  secrets: z.array(z.string()),
  event_types: z.array(z.string()).nullable(),
});
const messages = z.object({
  data: z.array(z.object({
    id: z.string(),
    type: z.string(),
    created_at: z.int(),
    attempts: z.array(z.unknown()),
  })),
  counts: z.object({ pending: z.int(), failed: z.int() }),
});
const answer = z.union([
  z.object({ outcome: z.string() }),
  z.object({ error: z.object({ code: z.string() }) }).transform(({ error }) => ({
    outcome: error.code,
  })),
]);

/** Deliveries that are kept and shown. */
const mostShown = 100;
const mostHeld = 30;
/** In a burst, what is about to be delivered must not hide what was. */
const mostWaiting = 3;

/** Reads the deliveries of the double. It answers each call with how things are now. */
export function createDoubleDeliveries(values: StackValues): () => Promise<DeliveriesView> {
  const seconds = createSeconds();
  let latest: readonly DeliveryView[] = [];
  let after: number | undefined;

  async function ask<T>(path: string, schema: z.ZodType<T>): Promise<T> {
    const response = await askDouble(values, "GET", path);
    return schema.parse(await response.json());
  }

  async function takeAttempts(): Promise<void> {
    const from = after === undefined ? "" : `after=${after}&`;
    const { data } = await ask(`attempts?${from}limit=1000`, attempts);
    after = data.at(-1)?.sequence ?? after ?? 0;
    const deliveries = data.map(describe);
    for (const delivery of deliveries) seconds.add(delivery);
    latest = [...deliveries.reverse(), ...latest].slice(0, mostShown);
  }

  return async () => {
    const [current, pending] = await Promise.all([
      ask("endpoint", endpoint),
      ask(`messages?status=pending&limit=${mostHeld}`, messages),
      takeAttempts(),
    ]);
    // A message that waits for its next attempt is shown with its last one.
    const untried = pending.data.filter((message) => message.attempts.length === 0)
      .slice(0, current.paused ? mostHeld : mostWaiting)
      .map(({ id, type, created_at: at }): DeliveryView => ({
        id,
        type,
        attempt: 1,
        status: null,
        outcome: current.paused ? "held" : "waiting",
        verdict: "waiting",
        at,
        lag: null,
      }));
    return {
      latest: [...untried, ...latest].slice(0, mostShown),
      waiting: pending.counts.pending,
      failed: pending.counts.failed,
      held: current.paused,
      forged: !current.secrets.includes(values.CLERK_WEBHOOK_SECRET),
      lost: current.event_types?.length === 0,
      seconds: seconds.list(),
    };
  };
}

function describe(attempt: ListedAttempt): DeliveryView {
  const { message_id: id, type, number, status, at, ms, created_at: createdAt } = attempt;
  const taken = status !== null && status >= 200 && status < 300;
  return {
    id,
    type,
    attempt: number,
    status,
    outcome: outcomeOf(attempt),
    verdict: taken ? "taken" : "refused",
    at: at + ms,
    lag: taken ? at + ms - createdAt : null,
  };
}

function outcomeOf({ response, error }: ListedAttempt): string {
  if (error !== null) return "no answer";
  try {
    return answer.parse(JSON.parse(response)).outcome;
  } catch {
    return "unknown answer";
  }
}
