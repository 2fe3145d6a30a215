import { z } from "zod";
import type { Storage } from "../storage/database.ts";

const defaultLimit = 100;
const maximumLimit = 1_000;

/** The query of `GET /double/attempts`. */
export const attemptFilter = z.object({
  /** A `sequence`. */
  after: z.coerce.number().int().min(0).optional(),
  limit: z.coerce.number().int().min(1).max(maximumLimit).default(defaultLimit),
});
export type AttemptFilter = z.infer<typeof attemptFilter>;

/** An attempt and its message, as the control API shows it. Times are milliseconds since the epoch. */
export const listedAttempt = z.object({
  /** Grows with each attempt that ends. */
  sequence: z.int(),
  message_id: z.string(),
  type: z.string(),
  /** Clerk's id of what the event is about. */
  subject: z.string().nullable(),
  /** When the event happened. */
  created_at: z.int(),
  /** From 1, for each message. */
  number: z.int(),
  at: z.int(),
  ms: z.int(),
  status: z.int().nullable(),
  error: z.string().nullable(),
  response: z.string(),
});
export type ListedAttempt = z.infer<typeof listedAttempt>;

/** Lists attempts in the order in which they ended: those after one, or the latest. */
export function createListAttempts(storage: Storage) {
  const columns = `a.sequence, a.message_id, m.type, m.payload ->> '$.data.id' as subject,
    m.created_at, a.at, a.ms, a.status, a.error, a.response,
    (select count(*) from attempts b
     where b.message_id = a.message_id and b.endpoint_id = a.endpoint_id
       and b.sequence <= a.sequence) as number
    from attempts a join messages m on (m.id, m.endpoint_id) = (a.message_id, a.endpoint_id)`;
  return ({ after, limit }: AttemptFilter): ListedAttempt[] => {
    const rows = after === undefined
      ? storage.all(`select ${columns} order by a.sequence desc limit ?`, limit).reverse()
      : storage.all(
        `select ${columns} where a.sequence > ? order by a.sequence limit ?`,
        after,
        limit,
      );
    return z.array(listedAttempt).parse(rows);
  };
}
