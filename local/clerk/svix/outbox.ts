import type { Context } from "../context.ts";
import { newId } from "../ids.ts";
import type { Endpoint } from "./endpoint.ts";

/** Takes messages for delivery. */
export interface Outbox {
  /**
   * Stores a message within the current transaction, so that it exists only if the change does.
   *
   * @returns the message's id, or null if no endpoint subscribes to it
   */
  add(type: string, body: Readonly<Record<string, unknown>>, userId: string | null): string | null;
}

export interface OutboxDependencies extends Context {
  readonly endpoint: Endpoint;
  /** Called soon after a message is stored. */
  readonly wake: () => void;
}

/** Keeps messages in the table `messages`. */
export function createOutbox({ storage, endpoint, now, wake }: OutboxDependencies): Outbox {
  return {
    add(type, body, userId) {
      const { url, event_types: wanted } = endpoint.current();
      if (url === null) return null;
      if (wanted && !wanted.includes(type)) return null;
      const at = now();
      const id = newId("msg", at);
      storage.run(
        `insert into messages (id, type, user_id, payload, status, created_at, next_attempt_at)
         values (?, ?, ?, ?, 'pending', ?, ?)`,
        id,
        type,
        userId,
        JSON.stringify(body),
        at,
        at,
      );
      queueMicrotask(wake);
      return id;
    },
  };
}
