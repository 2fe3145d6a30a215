import { z } from "zod";
import { clerkId, clerkTime, clerkUser } from "./clerk_user.ts";
import type { Fact } from "./fact.ts";
import { fail, type Result, succeed } from "./failure.ts";
import { describeIssues } from "./issues.ts";

/** What a genuine delivery says. The first three are null where it does not say. */
export interface ClerkEvent {
  readonly type: string | null;
  /** Clerk's id of what it is about. */
  readonly subject: string | null;
  /** RFC 3339, by Clerk's clock. */
  readonly occurredAt: string | null;
  /** Null where it says nothing about a user; `invalid_event` or `wrong_instance` where it is refused. */
  readonly fact: Result<Fact | null>;
}

export interface ReadClerkEventOptions {
  /** Seconds since the epoch, signed: the time of a deletion whose event carries none. */
  readonly sentAt: number;
  /** The only Clerk instance whose events are taken, where it is configured. */
  readonly instanceId?: string | undefined;
}

const envelope = z.object({
  // A name such as "user.created", since it is logged: no address, and nothing that breaks a line.
  type: z.string().min(1).max(100).regex(/^[\w.]*$/),
  instance_id: z.string().nullish(),
  timestamp: z.number().nullish(),
  data: z.unknown().optional(),
});

/** Any of Clerk's ids: a prefix and letters. Whatever else stands there is not for the ledger. */
const subject = z.object({ id: z.string().max(64).regex(/^[a-z]+_\w+$/) });

const deletedObject = z.object({ id: clerkId.nullish() });

/** Below this a time counts seconds: in milliseconds it would lie in 1973. */
const earliestMilliseconds = 100_000_000_000;

/** The envelope's `timestamp` is seconds in Clerk's specification and milliseconds in its guide. */
const eventTime = z.number()
  .transform((time) => Math.trunc(time < earliestMilliseconds ? time * 1000 : time))
  .pipe(clerkTime);

/**
 * Reads the body of a verified webhook. A user's event that is not as Clerk describes it is
 * `invalid_event`, with what is wrong, by path.
 *
 * @param body JSON text, its signature verified
 */
export function readClerkEvent(body: string, options: ReadClerkEventOptions): ClerkEvent {
  const json = parseJson(body);
  if (json === undefined) {
    return { ...unknownEvent, fact: fail("invalid_event", { message: "Body is not JSON" }) };
  }
  const parsed = envelope.safeParse(json);
  if (!parsed.success) return { ...unknownEvent, fact: invalid(parsed.error) };
  const { type, instance_id: instanceId, timestamp, data } = parsed.data;
  const event = {
    type,
    subject: subject.safeParse(data).data?.id ?? null,
    occurredAt: eventTime.safeParse(timestamp).data ?? null,
  };
  if (options.instanceId && instanceId !== options.instanceId) {
    return { ...event, fact: fail("wrong_instance") };
  }
  return { ...event, fact: readFact(type, data, timestamp ?? options.sentAt) };
}

const unknownEvent = { type: null, subject: null, occurredAt: null };

function readFact(type: string, data: unknown, timestamp: number): Result<Fact | null> {
  switch (type) {
    case "user.created":
    case "user.updated": {
      const user = clerkUser.safeParse(data);
      return user.success ? succeed(user.data) : invalid(user.error, "data");
    }
    case "user.deleted": {
      const deleted = deletedObject.safeParse(data);
      if (!deleted.success) return invalid(deleted.error, "data");
      const time = eventTime.safeParse(timestamp);
      if (!time.success) return invalid(time.error, "timestamp");
      // Clerk's schema lets the id be absent: such an event names nobody.
      const id = deleted.data.id;
      return succeed(id ? { kind: "user_deleted", clerk_id: id, deleted_at: time.data } : null);
    }
    default:
      return succeed(null);
  }
}

function invalid(error: z.ZodError, ...path: string[]) {
  return fail("invalid_event", { message: describeIssues(error, path) });
}

function parseJson(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
