import { newId } from "../ids.ts";
import type { Storage } from "../storage/database.ts";
import type { Endpoint } from "./endpoint.ts";

/** Takes messages to be delivered. */
export interface Outbox {
  /**
   * Stores a message in the running transaction, so that it exists exactly if the change does.
   *
   * @returns The message's id, or null where no endpoint wants it.
   */
  add(type: string, body: Record<string, unknown>, userId: string | null): string | null;
}

/** Keeps messages in the table of that name, if the endpoint wants them. */
export function createOutbox(deps: {
  storage: Storage;
  endpoint: Endpoint;
  now: () => number;
  /** Called soon after a message was stored. */
  wake: () => void;
}): Outbox {
  const { storage, endpoint, now, wake } = deps;
  return {
    add(type, body, userId) {
      const { url, event_types: wanted } = endpoint.current();
      if (url === null) return null;
      if (wanted !== null && !wanted.includes(type)) return null;
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
