import type { SQLInputValue } from "node:sqlite";
import { z } from "zod";
import type { Storage } from "../storage/database.ts";
import type { EndpointDocument } from "./endpoint_store.ts";

/** When messages were created, in milliseconds since the epoch. */
export interface Span {
  readonly since?: number | undefined;
  readonly until?: number | null | undefined;
}

/** Which attempts, by their time in milliseconds since the epoch. */
export interface AttemptFilter {
  /** "0": success, "2": failure. */
  readonly status?: "0" | "2" | undefined;
  readonly after?: number | undefined;
  readonly before?: number | undefined;
  /** The id of an attempt. Only older ones follow. */
  readonly iterator?: string | undefined;
  readonly limit: number;
}

const pastAttempt = z.object({
  id: z.string(),
  message_id: z.string(),
  endpoint_id: z.string(),
  at: z.int(),
  url: z.string(),
  status: z.int().nullable(),
  ms: z.int(),
  response: z.string(),
  type: z.string(),
  payload: z.string(),
  /** When the message was. */
  created_at: z.int(),
});
export type PastAttempt = z.infer<typeof pastAttempt>;

const counted = z.object({ delivered: z.int(), failed: z.int(), pending: z.int() });

/** What one endpoint was sent. */
export interface EndpointHistory {
  counts(endpointId: string, span: Span): z.infer<typeof counted>;
  /** Newest first. */
  attempts(endpointId: string, filter: AttemptFilter): PastAttempt[];
  /** Makes due what failed. */
  recover(endpoint: EndpointDocument, span: Span): void;
  /** Makes due what the endpoint was never sent, because it was disabled or not there yet. */
  replayMissing(endpoint: EndpointDocument, span: Span): void;
}

/**
 * Reads and changes the tables `messages` and `attempts`.
 *
 * @param now milliseconds since the epoch
 */
export function createEndpointHistory(storage: Storage, now: () => number): EndpointHistory {
  const within = (
    span: Span,
  ): SQLInputValue[] => [span.since ?? 0, span.until ?? Number.MAX_SAFE_INTEGER];
  return {
    counts(endpointId, span) {
      const row = storage.get(
        `select count(*) filter (where status = 'delivered') as delivered,
           count(*) filter (where status = 'failed') as failed,
           count(*) filter (where status = 'pending') as pending
         from messages where endpoint_id = ? and created_at between ? and ?`,
        endpointId,
        ...within(span),
      );
      return counted.parse(row);
    },
    attempts(endpointId, { status, after, before, iterator, limit }) {
      const succeeded = "coalesce(a.status between 200 and 299, false)";
      const rows = storage.all(
        `select a.*, m.type, m.payload, m.created_at
         from attempts a join messages m on (m.id, m.endpoint_id) = (a.message_id, a.endpoint_id)
         where a.endpoint_id = ? and a.at > ? and a.at < ?
           and (? is null or ${succeeded} = (? = '0'))
           and (? is null or (a.at, a.id) < (select at, id from attempts where id = ?))
         order by a.at desc, a.id desc limit ?`,
        endpointId,
        after ?? -1,
        before ?? Number.MAX_SAFE_INTEGER,
        status ?? null,
        status ?? null,
        iterator ?? null,
        iterator ?? null,
        limit,
      );
      return rows.map((row) => pastAttempt.parse(row));
    },
    recover({ id }, span) {
      storage.run(
        `update messages set status = 'pending', next_attempt_at = ?
         where endpoint_id = ? and status = 'failed' and created_at between ? and ?`,
        now(),
        id,
        ...within(span),
      );
    },
    replayMissing({ id, event_types: wanted }, span) {
      storage.transaction(() => {
        // One that another endpoint was sent while this one was not there.
        storage.run(
          `insert into messages
             (id, endpoint_id, type, user_id, payload, status, created_at, next_attempt_at)
           select id, ?, type, user_id, payload, 'missed', created_at, null from messages
           where true group by id
           on conflict do nothing`,
          id,
        );
        storage.run(
          `update messages set status = 'pending', next_attempt_at = ?
           where endpoint_id = ? and status = 'missed' and created_at between ? and ?
             and (? is null or type in (select value from json_each(?)))`,
          now(),
          id,
          ...within(span),
          wanted && JSON.stringify(wanted),
          wanted && JSON.stringify(wanted),
        );
      });
    },
  };
}
