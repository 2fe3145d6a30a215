import assert from "node:assert/strict";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { newClerkId } from "../support/facts/facts.ts";
import { deliver } from "../support/stack/deliver.ts";
import { readRow } from "../support/stack/supabase.ts";

const later = 1_767_312_000_000;

function outcome(name: string) {
  return { received: true, outcome: name };
}

Deno.test("clerk-webhook applies a new event once and then calls it a duplicate", async () => {
  const id = newClerkId();
  const body = eventBody("user.created", clerkUserJson({ id }));
  const delivery = { id: `msg_${id}` };
  const first = await deliver(body, delivery);
  assert.equal(first.status, 200);
  assert.deepEqual(first.body, outcome("applied"));
  assert.deepEqual((await deliver(body, delivery)).body, outcome("duplicate"));
  const row = await readRow(id);
  assert.equal(row?.email, "work@example.com");
  assert.equal(row?.email_verified, true);
});

Deno.test("clerk-webhook never stores private or unsafe metadata", async () => {
  const id = newClerkId();
  await deliver(eventBody("user.created", clerkUserJson({ id, public_metadata: { plan: "pro" } })));
  const stored = JSON.stringify(await readRow(id));
  assert.match(stored, /"plan":"pro"/);
  assert.doesNotMatch(stored, /private|unsafe/);
});

Deno.test("a late webhook never overwrites newer data", async () => {
  const id = newClerkId();
  const newer = clerkUserJson({ id, first_name: "New", updated_at: later });
  await deliver(eventBody("user.updated", newer));
  const late = await deliver(eventBody("user.created", clerkUserJson({ id, first_name: "Old" })));
  assert.deepEqual(late.body, outcome("stale"));
  assert.equal((await readRow(id))?.first_name, "New");
});

Deno.test("clerk-webhook keeps a deleted user deleted, even if the deletion's time is in seconds", async () => {
  const id = newClerkId();
  const deletion = eventBody("user.deleted", { id, object: "user", deleted: true }, {
    timestamp: later / 1000,
  });
  assert.deepEqual((await deliver(deletion)).body, outcome("applied"));
  await deliver(eventBody("user.updated", clerkUserJson({ id, updated_at: later + 1000 })));
  const row = await readRow(id);
  assert.equal(row?.is_active, false);
  assert.equal(row?.deleted_at, "2026-01-02T00:00:00+00:00");
});

Deno.test("clerk-webhook acknowledges events that are not about users", async () => {
  const answer = await deliver(eventBody("session.created", { id: "sess_1", object: "session" }));
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.body, outcome("ignored"));
});

Deno.test("clerk-webhook replaces characters that PostgreSQL cannot store with U+FFFD", async () => {
  const id = newClerkId();
  const data = clerkUserJson({
    id,
    first_name: "Nu\0ll",
    last_name: "Lone\ud800",
    public_metadata: { "k\0": ["\udfff"], "__proto__": { polluted: true } },
  });
  const body = eventBody("user.created", data).replace(
    '"k\\u0000"',
    '"__proto__":{"own":1},"k\\u0000"',
  );
  assert.deepEqual((await deliver(body)).body, outcome("applied"));
  const row = await readRow(id);
  assert.equal(row?.first_name, "Nu\ufffdll");
  assert.equal(row?.last_name, "Lone\ufffd");
  assert.match(JSON.stringify(row?.public_metadata), /"__proto__":\{"own":1\}/);
});
