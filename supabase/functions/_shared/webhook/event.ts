import * as z from "zod/mini";
import { describeIssues } from "../clerk/issues.ts";
import { clerkTime } from "../clerk/values.ts";
import { parseExactJson } from "../facts/exact_json.ts";
import type { Fact } from "../facts/fact.ts";
import { fail, type Result, succeed } from "../failure.ts";
import { resources } from "./resources.ts";

/** What a genuine delivery says. The first three are null if it does not say. */
export interface ClerkEvent {
  readonly type: string | null;
  /** Clerk's id of the subject. */
  readonly subject: string | null;
  /** RFC 3339, by Clerk's clock. */
  readonly occurredAt: string | null;
  /** Null if the event is not for us; `invalid_event` or `wrong_instance` if it is refused. */
  readonly fact: Result<Fact | null>;
}

export interface ReadClerkEventOptions {
  /** Seconds since the epoch, signed. The time of a deletion if its event carries none. */
  readonly sentAt: number;
  /** The only Clerk instance whose events are accepted, if configured. */
  readonly instanceId?: string | undefined;
}

const envelope = z.object({
  // A name such as "user.created". It is logged, so no addresses and no line breaks.
  type: z.string().check(z.minLength(1), z.maxLength(100), z.regex(/^[\w.]*$/)),
  instance_id: z.nullish(z.string()),
  timestamp: z.nullish(z.number()),
  data: z.optional(z.unknown()),
});

/** Any of Clerk's ids: a prefix and letters. Anything else stays out of the ledger. */
const subject = z.object({ id: z.string().check(z.maxLength(64), z.regex(/^[a-z]+_\w+$/)) });

/** Lower times are in seconds: in milliseconds they would be from 1973 or earlier. */
const earliestMilliseconds = 100_000_000_000;

/** Clerk's specification gives the envelope's `timestamp` in seconds, its guide in milliseconds. */
const eventTime = z.pipe(
  z.pipe(
    z.number(),
    z.transform((time) => Math.trunc(time < earliestMilliseconds ? time * 1000 : time)),
  ),
  clerkTime,
);

/**
 * Reads the body of a verified webhook. An event about a user, an organization or a membership that
 * is not as Clerk describes it is `invalid_event`; its message lists what is wrong, by path.
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

/** Whether events of this type are about users, organizations or memberships. */
export function isKept(type: string): boolean {
  return partsOf(type) !== undefined;
}

function partsOf(type: string) {
  const [, prefix = "", change] = /^(\w+)\.(created|updated|deleted)$/.exec(type) ?? [];
  const resource = resources.get(prefix);
  return resource && { resource, change };
}

const unknownEvent = { type: null, subject: null, occurredAt: null };

function readFact(type: string, data: unknown, timestamp: number): Result<Fact | null> {
  const parts = partsOf(type);
  if (!parts) return succeed(null);
  const { resource, change } = parts;
  if (change !== "deleted") return read(resource.state, data);
  const deletion = read(resource.deletion, data);
  if (!deletion.ok) return deletion;
  const time = eventTime.safeParse(timestamp);
  if (!time.success) return invalid(time.error, "timestamp");
  return succeed(deletion.value && { ...deletion.value, deleted_at: time.data });
}

function read<T>(schema: z.ZodMiniType<T>, data: unknown): Result<T> {
  const parsed = schema.safeParse(data);
  return parsed.success ? succeed(parsed.data) : invalid(parsed.error, "data");
}

function invalid(error: z.core.$ZodError, ...path: string[]) {
  return fail("invalid_event", { message: describeIssues(error, path) });
}

function parseJson(body: string): unknown {
  try {
    return parseExactJson(body);
  } catch {
    return undefined;
  }
}
