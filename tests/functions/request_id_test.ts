import assert from "node:assert/strict";
import { requestIdOf } from "../../supabase/functions/_shared/http/request_id.ts";
import { bearing } from "../support/clerk/requests.ts";
import { readError } from "./answers.ts";
import { createHandlers } from "./handlers.ts";

const uuid = /^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-[\da-f]{12}$/;

function requestWith(id?: string): Request {
  return bearing(undefined, id === undefined ? {} : { headers: { "x-request-id": id } });
}

for (
  const id of ["abcdefgh", "0f8c2a1e-77aa-4f0a-9d0c-1a2b3c4d5e6f", "a.b-c_d.9", "x".repeat(128)]
) {
  Deno.test(`requestIdOf() keeps the caller's ${id.slice(0, 40)}`, () => {
    assert.equal(requestIdOf(requestWith(id)), id);
  });
}

const refused = [
  "",
  "seven77",
  "x".repeat(129),
  "with space",
  'quo"te"quote',
  "a@example.com",
  "<script>",
];
for (const id of refused) {
  Deno.test(`requestIdOf() replaces ${JSON.stringify(id.slice(0, 40))} with its own id`, () => {
    const made = requestIdOf(requestWith(id));
    assert.match(made, uuid);
  });
}

Deno.test("requestIdOf() makes a new id for each request without one", () => {
  assert.notEqual(requestIdOf(requestWith()), requestIdOf(requestWith()));
});

Deno.test("an answer's header, body and log line have the same request id", async () => {
  const handlers = createHandlers();
  for (const handler of [handlers.usersSync, handlers.usersMe, handlers.clerkWebhook]) {
    const given = await readError(await handler(requestWith("caller-id-1")));
    assert.equal(given.request_id, "caller-id-1");
    assert.equal(handlers.entries.at(-1)?.fields["request_id"], "caller-id-1");
    const made = await readError(await handler(requestWith()));
    assert.match(made.request_id, uuid);
    assert.equal(handlers.entries.at(-1)?.fields["request_id"], made.request_id);
  }
});
