import { z } from "zod";
import { describeIssues } from "../clerk/issues.ts";
import { clerkMembership } from "../clerk/membership.ts";
import { clerkOrganization } from "../clerk/organization.ts";
import { clerkUser } from "../clerk/user.ts";
import { clerkId, clerkTime } from "../clerk/values.ts";
import { parseExactJson } from "../facts/exact_json.ts";
import type { Fact } from "../facts/fact.ts";
import { fail, type Result, succeed } from "../failure.ts";

/** What a genuine delivery says. The first three are null where it does not say. */
export interface ClerkEvent {
  readonly type: string | null;
  /** Clerk's id of what it is about. */
  readonly subject: string | null;
  /** RFC 3339, by Clerk's clock. */
  readonly occurredAt: string | null;
  /** Null where it is of no concern; `invalid_event` or `wrong_instance` where it is refused. */
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
 * Reads the body of a verified webhook. An event of a user, an organization or a membership that is not as
 * Clerk describes it is `invalid_event`, with what is wrong, by path.
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
    case "user.updated":
      return read(clerkUser, data);
    case "user.deleted":
      return readDeletion("user_deleted", data, timestamp);
    case "organization.created":
    case "organization.updated":
      return read(clerkOrganization, data);
    case "organization.deleted":
      return readDeletion("organization_deleted", data, timestamp);
    case "organizationMembership.created":
    case "organizationMembership.updated":
      return read(clerkMembership, data);
    case "organizationMembership.deleted":
      return readMembershipDeletion(data, timestamp);
    default:
      return succeed(null);
  }
}

function read<T>(schema: z.ZodType<T>, data: unknown): Result<T> {
  const parsed = schema.safeParse(data);
  return parsed.success ? succeed(parsed.data) : invalid(parsed.error, "data");
}

function readDeletion(
  kind: "user_deleted" | "organization_deleted",
  data: unknown,
  timestamp: number,
): Result<Fact | null> {
  const deleted = read(deletedObject, data);
  if (!deleted.ok) return deleted;
  const time = readTime(timestamp);
  if (!time.ok) return time;
  // Clerk's schema lets the id be absent: such an event names nobody.
  const { id } = deleted.value;
  return succeed(id ? { kind, clerk_id: id, deleted_at: time.value } : null);
}

/** A deleted membership comes whole. */
function readMembershipDeletion(data: unknown, timestamp: number): Result<Fact> {
  const membership = read(clerkMembership, data);
  if (!membership.ok) return membership;
  const time = readTime(timestamp);
  if (!time.ok) return time;
  return succeed({ ...membership.value, kind: "membership_deleted", deleted_at: time.value });
}

function readTime(timestamp: number): Result<string> {
  const time = eventTime.safeParse(timestamp);
  return time.success ? succeed(time.data) : invalid(time.error, "timestamp");
}

function invalid(error: z.ZodError, ...path: string[]) {
  return fail("invalid_event", { message: describeIssues(error, path) });
}

function parseJson(body: string): unknown {
  try {
    return parseExactJson(body);
  } catch {
    return undefined;
  }
}
