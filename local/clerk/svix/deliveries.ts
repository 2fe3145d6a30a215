import { z } from "zod";
import type { Context } from "../context.ts";
import { newId } from "../ids.ts";
import type { Storage } from "../storage/database.ts";
import { attempt, type AttemptResult } from "./attempt.ts";
import type { Endpoint } from "./endpoint.ts";
import { type EndpointStore, type ReachableEndpoint, validSecrets } from "./endpoint_store.ts";

/** The highest number of deliveries under way at once. */
const concurrency = 16;
/** Milliseconds. setTimeout() takes no more. */
const longestTimer = 2 ** 31 - 1;

const dueMessage = z.object({
  sequence: z.int(),
  id: z.string(),
  endpoint_id: z.string(),
  payload: z.string(),
  attempts: z.int(),
  next_attempt_at: z.int(),
});
type DueMessage = z.infer<typeof dueMessage>;

const nextAttempt = z.object({ at: z.int().nullable() });

/** Delivers the outbox' messages: concurrently, in no order, at least once. */
export interface Deliveries {
  /** Looks for due messages. Call it after adding a message or changing the endpoint. */
  wake(): void;
  /** Resolves when no delivery is under way, and none is due that may be sent. */
  settled(): Promise<void>;
  /** Stops. Messages under way stay pending. */
  close(): Promise<void>;
}

export interface DeliveriesDependencies extends Context {
  readonly endpoint: Endpoint;
  readonly endpointStore: EndpointStore;
  /** Milliseconds that a delivery may take. */
  readonly timeLimit: number;
  readonly fetch: typeof fetch;
}

/** Delivers pending messages of the table `messages`, from the first call of `wake()`. */
export function createDeliveries(dependencies: DeliveriesDependencies): Deliveries {
  const { storage, endpoint, endpointStore, now, timeLimit, fetch } = dependencies;
  const underWay = new Map<number, Promise<void>>();
  const closing = new AbortController();
  let waiting: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  function wake(): void {
    if (closing.signal.aborted) return;
    clearTimeout(timer);
    const enabled = endpointStore.reachable().filter(({ disabled }) => !disabled);
    if (enabled.length > 0 && !endpoint.current().paused) {
      // Use one time for both queries. With two, a message due between them would wait for ever.
      const at = now();
      const byId = new Map(enabled.map((one) => [one.id, one]));
      for (
        const message of dueMessages(storage, [...byId.keys()], at, concurrency + underWay.size)
      ) {
        if (underWay.size >= concurrency) break;
        const to = byId.get(message.endpoint_id);
        if (!to || underWay.has(message.sequence)) continue;
        underWay.set(message.sequence, deliver(message, to));
      }
      const nextAt = nextDueAt(storage, [...byId.keys()], at);
      if (nextAt !== null) timer = setTimeout(wake, Math.min(nextAt - at, longestTimer));
    }
    if (underWay.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  }

  async function deliver(message: DueMessage, to: ReachableEndpoint): Promise<void> {
    const at = now();
    const signal = closing.signal;
    const { url } = to;
    const secrets = validSecrets(to, at);
    const result = await attempt({ message, url, secrets, at, timeLimit, closing: signal, fetch });
    underWay.delete(message.sequence);
    if (signal.aborted) return;
    const delay = endpoint.current().retry_schedule_ms[message.attempts];
    const retryAt = delay === undefined ? null : now() + delay;
    record(storage, { message, at, url, result, retryAt });
    wake();
  }

  return {
    wake,
    settled() {
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      queueMicrotask(wake);
      return promise;
    },
    async close() {
      closing.abort();
      clearTimeout(timer);
      await Promise.all(underWay.values());
      for (const resolve of waiting) resolve();
    },
  };
}

function dueMessages(
  storage: Storage,
  endpoints: readonly string[],
  at: number,
  limit: number,
): DueMessage[] {
  const rows = storage.all(
    `select sequence, id, endpoint_id, payload, attempts, next_attempt_at from messages
     where status = 'pending' and endpoint_id in (${places(endpoints)}) and next_attempt_at <= ?
     order by next_attempt_at, sequence limit ?`,
    ...endpoints,
    at,
    limit,
  );
  return rows.map((row) => dueMessage.parse(row));
}

function nextDueAt(storage: Storage, endpoints: readonly string[], at: number): number | null {
  const row = storage.get(
    `select min(next_attempt_at) as at from messages
     where status = 'pending' and endpoint_id in (${places(endpoints)}) and next_attempt_at > ?`,
    ...endpoints,
    at,
  );
  return nextAttempt.parse(row).at;
}

function places(values: readonly unknown[]): string {
  return values.map(() => "?").join(", ");
}

/** A message and the outcome of its attempt. Times are milliseconds since the epoch. */
interface Attempted {
  readonly message: DueMessage;
  readonly at: number;
  readonly url: string;
  readonly result: AttemptResult;
  /** Null after the last retry. */
  readonly retryAt: number | null;
}

function record(storage: Storage, { message, at, url, result, retryAt }: Attempted): void {
  const { delivered, status, error, ms, response } = result;
  const outcome = delivered ? "delivered" : retryAt === null ? "failed" : "pending";
  storage.transaction(() => {
    storage.run(
      `insert into attempts (id, message_id, endpoint_id, at, url, status, error, ms, response)
       values (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      newId("atmpt", at),
      message.id,
      message.endpoint_id,
      at,
      url,
      status,
      error,
      ms,
      response,
    );
    storage.run("update messages set attempts = attempts + 1 where sequence = ?", message.sequence);
    // A resend during the attempt has moved `next_attempt_at`. Then this update changes nothing.
    storage.run(
      `update messages set status = ?, next_attempt_at = ?
       where sequence = ? and next_attempt_at = ?`,
      outcome,
      outcome === "pending" ? retryAt : null,
      message.sequence,
      message.next_attempt_at,
    );
  });
}
