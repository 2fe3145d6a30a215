import assert from "node:assert/strict";
import { createDatabaseClient } from "../../supabase/functions/_shared/database.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk_user.ts";
import { clerkUserJson } from "./clerk_user_json.ts";
import { deadAddress, serveLoopback } from "./loopback_server.ts";

// What the database does is tested on a real one, in tests/database and tests/http. Here is what a client
// makes of the ways in which the database cannot be asked.

const key = "sb_secret_abc";
const fact = clerkUser.parse(clerkUserJson());

const calls = {
  applyFacts: (url: string) =>
    createDatabaseClient({ url, key }).applyFacts([fact], { returnUsers: false }),
  findUser: (url: string) => createDatabaseClient({ url, key }).findUser("user_ada"),
};

/** A failure in PostgREST's form. */
function failure(status: number, code: string) {
  const body = { code, message: "canary", details: "canary", hint: null };
  return () => Response.json(body, { status });
}

const refusals: Readonly<Record<string, () => Response>> = {
  "HTTP 401 PGRST301": failure(401, "PGRST301"),
  "HTTP 401 PGRST303": failure(401, "PGRST303"),
  "HTTP 403 42501": failure(403, "42501"),
  "HTTP 401 from the gateway": () => Response.json({ message: "Invalid API key" }, { status: 401 }),
  "HTTP 500 42501": failure(500, "42501"),
  "HTTP 500 PGRST300": failure(500, "PGRST300"),
};

const outages: Readonly<Record<string, () => Response>> = {
  "HTTP 503 PGRST001": failure(503, "PGRST001"),
  "HTTP 503 PGRST002": failure(503, "PGRST002"),
  "HTTP 504 PGRST003": failure(504, "PGRST003"),
  "HTTP 404 PGRST202": failure(404, "PGRST202"),
  "HTTP 500 57014": failure(500, "57014"),
  "HTTP 500 40P01": failure(500, "40P01"),
  "HTTP 502 with a page": () => new Response("<html>canary", { status: 502 }),
};

for (const [name, call] of Object.entries(calls)) {
  for (const [what, answer] of Object.entries(refusals)) {
    Deno.test(`${name}() takes ${what} for a refused key`, async () => {
      await using database = serveLoopback(answer);
      const result = await call(database.url);
      assert.ok(!result.ok);
      assert.equal(result.failure.code, "server_misconfigured");
      assert.equal(result.failure.message, "SUPABASE_KEY was refused by the database");
      assert.ok(!JSON.stringify(result).includes("canary"));
    });
  }

  for (const [what, answer] of Object.entries(outages)) {
    Deno.test(`${name}() takes ${what} for an outage, and asks once`, async () => {
      await using database = serveLoopback(answer);
      const result = await call(database.url);
      assert.ok(!result.ok);
      assert.equal(result.failure.code, "database_unavailable");
      assert.ok(result.failure.reason?.startsWith(`database: ${what.slice(0, 8)}`));
      assert.ok(!JSON.stringify(result).includes("canary"));
      assert.equal(database.requests.length, 1);
    });
  }

  Deno.test(`${name}() takes a database that cannot be reached for an outage`, async () => {
    const result = await call(deadAddress());
    assert.equal(!result.ok && result.failure.code, "database_unavailable");
  });

  Deno.test(`${name}() asks with the service key alone`, async () => {
    await using database = serveLoopback(failure(503, "PGRST001"));
    await call(database.url);
    const [request] = database.requests;
    assert.equal(request?.headers.get("apikey"), key);
    assert.match(request?.path ?? "", /^\/rest\/v1\//);
  });
}

Deno.test("applyFacts() throws where the answer is not as its function gives it", async () => {
  await using database = serveLoopback(() => Response.json([{ item: 1, outcome: "canary" }]));
  await assert.rejects(calls.applyFacts(database.url), { name: /ZodError/ });
});
