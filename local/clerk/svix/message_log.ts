import type { SQLInputValue } from "node:sqlite";
import { z } from "zod";
import type { Row, Storage } from "../storage/database.ts";

const defaultLimit = 50;
const maximumLimit = 1_000;
/** Milliseconds: an attempt has usually ended before the next begins. */
const turnedAroundEvery = 20;

const messageStatus = z.enum(["pending", "delivered", "failed", "missed"]);

/** The filters of `GET /double/messages`. */
export const messageFilter = z.object({
  id: z.string().optional(),
  user_id: z.string().optional(),
  type: z.string().optional(),
  status: messageStatus.optional(),
  limit: z.coerce.number().int().min(1).max(maximumLimit).default(defaultLimit),
});
export type MessageFilter = z.infer<typeof messageFilter>;

const loggedAttempt = z.object({
  id: z.string(),
  at: z.int(),
  url: z.string(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  ms: z.int(),
  response: z.string(),
});

/** A message with its attempts, as the control API shows it. Times are milliseconds since the epoch. */
const loggedMessage = z.object({
  id: z.string(),
  endpoint_id: z.string(),
  type: z.string(),
  user_id: z.string().nullable(),
  status: messageStatus,
  created_at: z.int(),
  next_attempt_at: z.int().nullable(),
  payload: z.record(z.string(), z.unknown()),
  attempts: z.array(loggedAttempt),
});
export type LoggedMessage = z.infer<typeof loggedMessage>;

/** The messages that were or will be delivered. */
export interface MessageLog {
  /** Newest first. */
  list(filter: MessageFilter): LoggedMessage[];
  /** The number of messages in each state. */
  counts(): Record<LoggedMessage["status"], number>;
  /** Makes a message due again, whatever its state. Returns false if there is no such message. */
  resend(id: string): boolean;
  /** Makes every message that waits for a retry or has failed due now. Returns their number. */
  deliverNow(): number;
  /** Makes every message that waits due, the newest first, one after another. */
  turnAround(): void;
  /** Gives up what waits for a disabled endpoint, as Svix does. */
  giveUp(endpointId: string): void;
}

const statusCount = z.object({ status: messageStatus, count: z.int() });

/**
 * Reads the tables `messages` and `attempts`.
 *
 * @param now milliseconds since the epoch
 */
export function createMessageLog(storage: Storage, now: () => number): MessageLog {
  // Adds at least 1, so that an attempt under way notices the request for another.
  const due = "status = 'pending', next_attempt_at = max(?, coalesce(next_attempt_at, 0) + 1)";
  return {
    list(filter) {
      const conditions = ["true"];
      const values: SQLInputValue[] = [];
      for (const column of ["id", "user_id", "type", "status"] as const) {
        const value = filter[column];
        if (value === undefined) continue;
        conditions.push(`${column} = ?`);
        values.push(value);
      }
      const rows = storage.all(
        `select * from messages where ${conditions.join(" and ")} order by sequence desc limit ?`,
        ...values,
        filter.limit,
      );
      return rows.map((row) => withAttempts(row, storage));
    },
    counts() {
      const counts = { pending: 0, delivered: 0, failed: 0, missed: 0 };
      const rows = storage.all("select status, count(*) as count from messages group by status");
      for (const { status, count } of z.array(statusCount).parse(rows)) counts[status] = count;
      return counts;
    },
    resend: (id) => storage.run(`update messages set ${due} where id = ?`, now(), id) > 0,
    deliverNow() {
      const at = now();
      return storage.run(
        `update messages set status = 'pending', next_attempt_at = ?
         where status = 'failed' or (status = 'pending' and next_attempt_at > ?)`,
        at,
        at,
      );
    },
    turnAround() {
      storage.run(
        `update messages set next_attempt_at = ? + ? * newer.messages
         from (select sequence, row_number() over (order by sequence desc) as messages
               from messages where status = 'pending') as newer
         where newer.sequence = messages.sequence`,
        now(),
        turnedAroundEvery,
      );
    },
    giveUp(endpointId) {
      storage.run(
        `update messages set status = 'failed', next_attempt_at = null
         where endpoint_id = ? and status = 'pending'`,
        endpointId,
      );
    },
  };
}

function withAttempts(row: Row, storage: Storage): LoggedMessage {
  const attempts = storage.all(
    "select * from attempts where message_id = ? and endpoint_id = ? order by at, id",
    row.id ?? null,
    row.endpoint_id ?? null,
  );
  return loggedMessage.parse({ ...row, payload: JSON.parse(String(row.payload)), attempts });
}
