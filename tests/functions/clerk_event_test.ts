import fc from "fast-check";
import assert from "node:assert/strict";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import {
  readClerkEvent,
  type ReadClerkEventOptions,
} from "../../supabase/functions/_shared/webhook/event.ts";
import { clerkEventJson } from "../support/clerk/event_json.ts";
import { clerkUserJson, deletedUserJson } from "../support/clerk/user_json.ts";

const options: ReadClerkEventOptions = { sentAt: 1_700_000_800 };

function read(event: unknown, more: Partial<ReadClerkEventOptions> = {}) {
  return readClerkEvent(JSON.stringify(event), { ...options, ...more });
}

/** The code and message of an event's refusal. */
function refusalOf(event: unknown, more: Partial<ReadClerkEventOptions> = {}) {
  const { fact } = read(event, more);
  assert.ok(!fact.ok);
  return [fact.failure.code, fact.failure.message] as const;
}

function deletionOf(timestamp: unknown) {
  const event = read(clerkEventJson("user.deleted", deletedUserJson, { timestamp }));
  assert.ok(event.fact.ok && event.fact.value?.kind === "user_deleted");
  return { ...event.fact.value, occurredAt: event.occurredAt };
}

for (const type of ["user.created", "user.updated"]) {
  Deno.test(`${type} brings the state in its data`, () => {
    assert.deepEqual(read(clerkEventJson(type, clerkUserJson())), {
      type,
      subject: "user_ada",
      occurredAt: "2023-11-14T22:25:00.000Z",
      fact: { ok: true, value: clerkUser.parse(clerkUserJson()) },
    });
  });

  for (const [what, data] of [["no data", undefined], ["null", null], ["a list", []]] as const) {
    Deno.test(`${type} with ${what} is refused`, () => {
      const [code, message] = refusalOf(clerkEventJson(type, data));
      assert.equal(code, "invalid_event");
      assert.match(message ?? "", /^data: Invalid input: expected object/);
    });
  }
}

Deno.test("user.deleted ends the user at the event's time", () => {
  assert.deepEqual(deletionOf(1_700_000_700_123), {
    kind: "user_deleted",
    clerk_id: "user_ada",
    deleted_at: "2023-11-14T22:25:00.123Z",
    occurredAt: "2023-11-14T22:25:00.123Z",
  });
});

const eventTimes = [
  ["milliseconds", 1_700_000_700_123, "2023-11-14T22:25:00.123Z"],
  ["seconds", 1_700_000_700, "2023-11-14T22:25:00.000Z"],
  ["seconds with a fraction", 1_700_000_700.5, "2023-11-14T22:25:00.500Z"],
  ["milliseconds with a fraction", 1_700_000_700_123.9, "2023-11-14T22:25:00.123Z"],
  ["nothing: the delivery's time", undefined, "2023-11-14T22:26:40.000Z"],
  ["null: the delivery's time", null, "2023-11-14T22:26:40.000Z"],
] as const;

for (const [what, timestamp, deletedAt] of eventTimes) {
  Deno.test(`a deletion's time can be ${what}`, () => {
    assert.equal(deletionOf(timestamp).deleted_at, deletedAt);
  });
}

for (const timestamp of [-1, 1e15, 1e300]) {
  Deno.test(`a deletion at ${timestamp} is refused with the path`, () => {
    const event = clerkEventJson("user.deleted", deletedUserJson, { timestamp });
    const [code, message] = refusalOf(event);
    assert.equal(code, "invalid_event");
    assert.match(message ?? "", /^timestamp: /);
  });
}

for (const id of [undefined, null]) {
  Deno.test(`a deletion with the id ${id} names nobody`, () => {
    const event = read(clerkEventJson("user.deleted", { ...deletedUserJson, id }));
    assert.deepEqual([event.subject, event.fact], [null, { ok: true, value: null }]);
  });
}

for (const id of ["", "x".repeat(257), 7, {}]) {
  Deno.test(`a deletion with the id ${JSON.stringify(id)} is refused with the path`, () => {
    const [code, message] = refusalOf(clerkEventJson("user.deleted", { id, deleted: true }));
    assert.equal(code, "invalid_event");
    assert.match(message ?? "", /^data\.id: /);
  });
}

Deno.test("a deletion's id is made storable", () => {
  const { fact } = read(clerkEventJson("user.deleted", { id: "user_\0", deleted: true }));
  assert.equal(fact.ok && fact.value?.clerk_id, "user_\uFFFD");
});

for (
  const type of [
    "session.created",
    "organizationDomain.created",
    "user.createdx",
    "user.created.twice",
    "constructor.created",
    "USER.CREATED",
  ]
) {
  Deno.test(`${type} says nothing about a user, whatever its data`, () => {
    for (const data of [clerkUserJson(), deletedUserJson, null, undefined, "text"]) {
      const event = read(clerkEventJson(type, data));
      assert.deepEqual([event.type, event.fact], [type, { ok: true, value: null }]);
    }
  });
}

const envelopes = [
  [[], "body: Invalid input: expected object, received array"],
  [null, "body: Invalid input: expected object, received null"],
  ["text", "body: Invalid input: expected object, received string"],
  [{}, "type: Invalid input: expected string, received undefined"],
  [{ type: "" }, "type: Too small: expected string to have >=1 characters"],
  [{ type: "x".repeat(101) }, "type: Too big: expected string to have <=100 characters"],
  [{ type: 1 }, "type: Invalid input: expected string, received number"],
  [
    { type: "user.deleted", timestamp: "now" },
    "timestamp: Invalid input: expected number, received string",
  ],
  [
    { type: "user.deleted", instance_id: 1 },
    "instance_id: Invalid input: expected string, received number",
  ],
] as const;

for (const [body, message] of envelopes) {
  Deno.test(`the envelope ${JSON.stringify(body)} is refused with the path`, () => {
    assert.deepEqual(refusalOf(body), ["invalid_event", message]);
  });
}

for (const text of ["", "{", "type=user.created", "{'type':'user.created'}", "\uFEFF{}"]) {
  Deno.test(`a body of ${JSON.stringify(text)} is not JSON`, () => {
    const { fact, ...rest } = readClerkEvent(text, options);
    assert.equal(!fact.ok && fact.failure.code, "invalid_event");
    assert.deepEqual(rest, { type: null, subject: null, occurredAt: null });
  });
}

Deno.test("only events of the configured instance are accepted", () => {
  const event = (instanceId: unknown) =>
    clerkEventJson("user.created", clerkUserJson(), { instance_id: instanceId });
  const instanceId = "ins_production";
  assert.ok(read(event("ins_production"), { instanceId }).fact.ok);
  for (const other of ["ins_other", "", null, undefined, "ins_production "]) {
    assert.equal(refusalOf(event(other), { instanceId })[0], "wrong_instance");
    assert.ok(read(event(other)).fact.ok);
  }
});

Deno.test("a refused event still has its type, subject and time", () => {
  const event = clerkEventJson("user.updated", { id: "user_ada", first_name: 1 });
  const { fact, ...rest } = read(event);
  assert.ok(!fact.ok);
  assert.deepEqual(rest, {
    type: "user.updated",
    subject: "user_ada",
    occurredAt: "2023-11-14T22:25:00.000Z",
  });
});

for (
  const id of ["ada@example.com", "user_ada@example.com", "ada", "user_", 7, null, "u_".repeat(33)]
) {
  Deno.test(`an id of ${JSON.stringify(id)} is not a subject`, () => {
    assert.equal(read(clerkEventJson("user.updated", { id })).subject, null);
  });
}

for (
  const type of ["user.\0", "user.\uD800", "ada@example.com", "user created", "user.created\n"]
) {
  Deno.test(`a type of ${JSON.stringify(type)} is refused and not repeated`, () => {
    const event = read({ type, data: { id: "user_ada" } });
    assert.equal(event.type, null);
    assert.deepEqual(event.fact, {
      ok: false,
      failure: {
        code: "invalid_event",
        message: "type: Invalid string: must match pattern /^[\\w.]*$/",
      },
    });
  });
}

Deno.test("an event of another instance is refused, whatever its type and data", () => {
  const instanceId = "ins_production";
  for (const type of ["user.created", "user.deleted", "session.created"]) {
    const event = clerkEventJson(type, null, { instance_id: "ins_other" });
    assert.equal(refusalOf(event, { instanceId })[0], "wrong_instance");
  }
});

Deno.test("readClerkEvent() never throws, and a fact always has a subject and a time", () => {
  const type = fc.constantFrom(
    "user.created",
    "user.updated",
    "user.deleted",
    "organization.created",
    "organization.deleted",
    "organizationMembership.updated",
    "organizationMembership.deleted",
    "other",
  );
  /** Mostly right values. If all were odd, the first one would get every event refused. */
  const mostly = (right: fc.Arbitrary<unknown>, ...odd: fc.Arbitrary<unknown>[]) =>
    fc.oneof({ weight: 9, arbitrary: right }, ...odd, fc.jsonValue());
  const time = mostly(fc.nat(), fc.integer(), fc.double(), fc.maxSafeInteger());
  const id = mostly(fc.constantFrom("user_1", "org_1", "orgmem_1"), fc.string());
  const text = mostly(fc.string());
  const subject = fc.record(
    {
      id,
      created_at: time,
      updated_at: time,
      primary_email_address_id: text,
      email_addresses: mostly(fc.constant([])),
      public_metadata: mostly(fc.dictionary(fc.string(), fc.jsonValue())),
      first_name: text,
      name: text,
      role: text,
      permissions: mostly(fc.array(fc.string())),
      organization: mostly(fc.record({ id })),
      public_user_data: mostly(fc.record({ user_id: id })),
    },
    { requiredKeys: ["id", "created_at", "updated_at", "role", "name", "organization"] },
  );
  const event = fc.record(
    { type, data: mostly(subject), timestamp: time, instance_id: text },
    { requiredKeys: ["type", "data"] },
  );
  const body = fc.oneof(event.map((value) => JSON.stringify(value)), fc.json(), fc.string());
  const kinds = new Set<string>();
  fc.assert(
    fc.property(body, fc.double(), (text, sentAt) => {
      const event = readClerkEvent(text, { sentAt });
      assert.match(event.subject ?? "a_1", /^[a-z]+_\w+$/);
      if (!event.fact.ok) return assert.equal(event.fact.failure.code, "invalid_event");
      const fact = event.fact.value;
      if (!fact) return;
      kinds.add(fact.kind);
      assert.ok(fact.clerk_id);
      const at = "deleted_at" in fact ? fact.deleted_at : fact.clerk_updated_at;
      assert.equal(new Date(at).toISOString(), at);
    }),
    { seed: 5, numRuns: 2000 },
  );
  assert.deepEqual([...kinds].sort(), [
    "membership",
    "membership_deleted",
    "organization",
    "organization_deleted",
    "user",
    "user_deleted",
  ]);
});

/** The fact of an event with this text as public metadata. */
function readMetadata(metadata: string) {
  const event = clerkEventJson("user.updated", clerkUserJson({ public_metadata: "METADATA" }));
  return readClerkEvent(JSON.stringify(event).replace('"METADATA"', metadata), options).fact;
}

Deno.test("numbers in public metadata are kept digit for digit", () => {
  const metadata = '{"n":[1234567890123456789,{"x":0.12345678901234567891}],"y":1e400,"z":1.5}';
  const fact = readMetadata(metadata);
  assert.ok(fact.ok && fact.value?.kind === "user");
  assert.equal(JSON.stringify(fact.value.public_metadata), metadata);
});

Deno.test("a number that PostgreSQL cannot store is refused, not lost", () => {
  const fact = readMetadata('{"n":1e200000}');
  assert.ok(!fact.ok);
  assert.deepEqual([fact.failure.code, fact.failure.message], [
    "invalid_event",
    "data.public_metadata: Number is beyond PostgreSQL's numeric",
  ]);
});
