import { z } from "zod";
import { newId } from "../ids.ts";
import type { Storage } from "../storage/database.ts";
import { attempt, type AttemptResult } from "./attempt.ts";
import type { Endpoint } from "./endpoint.ts";

const CONCURRENCY = 16;
const LONGEST_TIMER_MS = 2 ** 31 - 1;

const dueMessage = z.object({
  sequence: z.int(),
  id: z.string(),
  payload: z.string(),
  attempts: z.int(),
  next_attempt_at: z.int(),
});
type DueMessage = z.infer<typeof dueMessage>;

/** Delivers the messages of the outbox: concurrently, unordered, at least once. */
export interface Deliveries {
  /** Looks for due messages; call it when one was added or the endpoint has changed. */
  wake(): void;
  /** Resolves when nothing is on its way and nothing that may be sent is due. */
  settled(): Promise<void>;
  /** Stops; what was on its way stays pending. */
  close(): Promise<void>;
}

/** Delivers what is pending in the table `messages`, once `wake()` is first called. */
export function createDeliveries(deps: {
  storage: Storage;
  endpoint: Endpoint;
  now: () => number;
  timeoutMs: number;
  fetch: typeof fetch;
}): Deliveries {
  const { storage, endpoint, now } = deps;
  const underWay = new Map<number, Promise<void>>();
  const closing = new AbortController();
  let waiting: (() => void)[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;

  const wake = () => {
    if (closing.signal.aborted) return;
    clearTimeout(timer);
    const { url, paused, secrets } = endpoint.current();
    if (url !== null && !paused) {
      // One moment for both looks: a message that fell due between two of them would wait for ever.
      const at = now();
      for (const message of dueMessages(storage, at, CONCURRENCY + underWay.size)) {
        if (underWay.size >= CONCURRENCY) break;
        if (underWay.has(message.sequence)) continue;
        underWay.set(message.sequence, deliver(message, url, secrets));
      }
      const nextAt = nextDueAt(storage, at);
      if (nextAt !== null) timer = setTimeout(wake, Math.min(nextAt - at, LONGEST_TIMER_MS));
    }
    if (underWay.size > 0) return;
    for (const resolve of waiting) resolve();
    waiting = [];
  };

  const deliver = async (message: DueMessage, url: string, secrets: string[]) => {
    const at = now();
    const result = await attempt({
      message,
      url,
      secrets,
      at,
      timeoutMs: deps.timeoutMs,
      closing: closing.signal,
      fetch: deps.fetch,
    });
    underWay.delete(message.sequence);
    if (closing.signal.aborted) return;
    const delay = endpoint.current().retry_schedule_ms[message.attempts];
    record(storage, {
      message,
      at,
      url,
      result,
      retryAt: delay === undefined ? null : now() + delay,
    });
    wake();
  };

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

function dueMessages(storage: Storage, at: number, limit: number): DueMessage[] {
  const rows = storage.all(
    `select sequence, id, payload, attempts, next_attempt_at from messages
     where status = 'pending' and next_attempt_at <= ? order by next_attempt_at, sequence limit ?`,
    at,
    limit,
  );
  return rows.map((row) => dueMessage.parse(row));
}

function nextDueAt(storage: Storage, at: number): number | null {
  const row = storage.get(
    "select min(next_attempt_at) as at from messages where status = 'pending' and next_attempt_at > ?",
    at,
  );
  return z.object({ at: z.int().nullable() }).parse(row).at;
}

function record(storage: Storage, attempted: {
  message: DueMessage;
  at: number;
  url: string;
  result: AttemptResult;
  retryAt: number | null;
}): void {
  const { message, at, url, result, retryAt } = attempted;
  const { delivered, status, error, ms, response } = result;
  const outcome = delivered ? "delivered" : retryAt === null ? "failed" : "pending";
  storage.transaction(() => {
    storage.run(
      `insert into attempts (id, message_id, at, url, status, error, ms, response)
       values (?, ?, ?, ?, ?, ?, ?, ?)`,
      newId("atmpt", at),
      message.id,
      at,
      url,
      status,
      error,
      ms,
      response,
    );
    storage.run("update messages set attempts = attempts + 1 where sequence = ?", message.sequence);
    // A resend that was asked for meanwhile has moved `next_attempt_at` and stays in force.
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
