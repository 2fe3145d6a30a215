import type { Context } from "../context.ts";
import { newId } from "../ids.ts";
import type { EndpointStore } from "./endpoint_store.ts";

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
  readonly endpointStore: EndpointStore;
  /** Called soon after a message is stored. */
  readonly wake: () => void;
}

/** Keeps messages in the table `messages`. A disabled endpoint's are kept as missed. */
export function createOutbox({ storage, endpointStore, now, wake }: OutboxDependencies): Outbox {
  return {
    add(type, body, userId) {
      const subscribed = endpointStore.reachable()
        .filter(({ event_types: wanted }) => wanted?.includes(type) ?? true);
      if (subscribed.length === 0) return null;
      const at = now();
      const id = newId("msg", at);
      for (const endpoint of subscribed) {
        storage.run(
          `insert into messages
             (id, endpoint_id, type, user_id, payload, status, created_at, next_attempt_at)
           values (?, ?, ?, ?, ?, ?, ?, ?)`,
          id,
          endpoint.id,
          type,
          userId,
          JSON.stringify(body),
          endpoint.disabled ? "missed" : "pending",
          at,
          endpoint.disabled ? null : at,
        );
      }
      queueMicrotask(wake);
      return id;
    },
  };
}
