import { type Applied, refusalOf } from "../_shared/database/client.ts";
import type { CallForOne } from "../_shared/database/grouped_calls.ts";
import type { Fact, FactItem, InvalidFact } from "../_shared/facts/fact.ts";
import { fail, meaningOf, type Result, succeed } from "../_shared/failure.ts";
import { readBody } from "../_shared/http/body.ts";
import {
  type Answer,
  createEndpoint,
  type Endpoint,
  type Handler,
} from "../_shared/http/endpoint.ts";
import type { Log } from "../_shared/http/log.ts";
import { readDeliveryHeaders } from "../_shared/webhook/delivery_headers.ts";
import { type ClerkEvent, isKept, readClerkEvent } from "../_shared/webhook/event.ts";
import type { VerifySignature } from "../_shared/webhook/signature.ts";

export const endpoint: Endpoint = { methods: ["POST"], browsers: false };

export interface ClerkWebhookDependencies {
  readonly verifySignature: VerifySignature;
  readonly instanceId: string | undefined;
  readonly writeFact: CallForOne<FactItem, Applied>;
  readonly log: Log;
}

/** `POST clerk-webhook`: takes a delivery from Svix. It comes again unless the answer is a 2xx. */
export function createClerkWebhook(dependencies: ClerkWebhookDependencies): Handler {
  const { verifySignature, instanceId, writeFact, log } = dependencies;

  return createEndpoint(endpoint, log, async (request) => {
    // Before the body: senders who cannot have signed it get no memory for it.
    const delivery = readDeliveryHeaders(request.headers);
    if (!delivery.ok) return delivery;
    const body = await readBody(request);
    if (!body.ok) return body;
    if (!verifySignature(delivery.value, body.value)) return fail("invalid_signature");
    const { id, sentAt } = delivery.value;
    const event = readClerkEvent(body.value, { sentAt, instanceId });
    const fact = factOf(event);
    if (!fact) return event.fact.ok ? received("ignored", event) : event.fact;
    const applied = await writeFact({
      ...fact,
      delivery: {
        id,
        type: event.type,
        source: "webhook",
        occurred_at: event.occurredAt,
      },
    }, request);
    if (!applied.ok) return applied;
    return event.fact.ok ? answer(applied.value, event) : event.fact;
  });
}

/** What to write. Null if the event is not for us. A refused event is recorded as invalid. */
function factOf({ type, subject, fact }: ClerkEvent): Fact | InvalidFact | null {
  if (fact.ok) return fact.value;
  // Of another instance. Its entry would stay for good: once accepted, the event is ignored.
  if (type !== null && !isKept(type)) return null;
  return { kind: "invalid", clerk_id: subject, reason: meaningOf(fact.failure).message };
}

function answer(applied: Applied, event: ClerkEvent): Result<Answer> {
  switch (applied.outcome) {
    case "created":
    case "updated":
      return received("applied", event);
    case "unchanged":
    case "duplicate":
      return received("duplicate", event);
    case "stale":
      return received("stale", event);
    default:
      return refusalOf(applied);
  }
}

function received(
  outcome: "applied" | "duplicate" | "stale" | "ignored",
  event: ClerkEvent,
): Result<Answer> {
  const note = { outcome, type: event.type ?? undefined };
  return succeed({ status: 200, body: { received: true, outcome }, note });
}
