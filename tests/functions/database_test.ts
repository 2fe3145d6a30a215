import assert from "node:assert/strict";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { createDatabaseClient } from "../../supabase/functions/_shared/database/client.ts";
import { answers } from "../../local/gateway/answers.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { deadAddress, serveLoopback } from "../support/loopback_server.ts";

// tests/database and tests/http use a real database. These tests show how the client reads its failures.

const key = "sb_secret_abc";
const keyVariable = "SUPABASE_SECRET_KEYS";
const fact = clerkUser.parse(clerkUserJson());

const calls = {
  applyFacts: (url: string) =>
    createDatabaseClient({ url, key, keyVariable }).applyFacts([fact], { returnUsers: false }),
  findUsers: (url: string) =>
    createDatabaseClient({ url, key, keyVariable }).findUsers(["user_ada", "user_bob"]),
};

/** A failure in PostgREST's form. */
function failure(status: number, code: string, message = "canary") {
  const body = { code, message, details: "canary", hint: null };
  return () => Response.json(body, { status });
}

/** A failure in the gateway's form. */
function gateway(status: number, message: string) {
  return () => Response.json({ message }, { status });
}

const refusals: Readonly<Record<string, () => Response>> = {
  "HTTP 401 PGRST301": failure(401, "PGRST301"),
  "HTTP 401 PGRST303": failure(401, "PGRST303"),
  "HTTP 401 42501 for the function": failure(
    401,
    "42501",
    "permission denied for function apply_clerk_facts",
  ),
  "HTTP 403 42501 for the schema": failure(403, "42501", "permission denied for schema clerk_sync"),
  "HTTP 401 from the gateway": answers.wrongApiKey,
  "HTTP 401 from the gateway without a key": answers.noApiKey,
  "HTTP 401 from the gateway for a legacy key": gateway(401, "Legacy API keys are disabled"),
  "HTTP 401 from the gateway for a key it does not know": gateway(401, "Unregistered API key"),
  "HTTP 401 from Kong": gateway(401, "Invalid authentication credentials"),
  "HTTP 403 from Kong": gateway(403, "You cannot consume this service"),
  "HTTP 403 28000": failure(403, "28000"),
  "HTTP 500 PGRST300": failure(500, "PGRST300"),
};

const outages: Readonly<Record<string, () => Response>> = {
  "HTTP 503 PGRST001": failure(503, "PGRST001"),
  "HTTP 503 PGRST002": failure(503, "PGRST002"),
  "HTTP 504 PGRST003": failure(504, "PGRST003"),
  "HTTP 404 PGRST202": failure(404, "PGRST202"),
  "HTTP 500 57014": failure(500, "57014"),
  "HTTP 500 40P01": failure(500, "40P01"),
  "HTTP 500 0A000": failure(
    500,
    "0A000",
    "cannot set transaction read-write mode during recovery",
  ),
  "HTTP 500 25006": failure(500, "25006", "cannot execute INSERT in a read-only transaction"),
  "HTTP 404 42883": failure(
    404,
    "42883",
    "function clerk_sync.current_memberships(text) does not exist",
  ),
  "HTTP 404 42P01": failure(404, "42P01", 'relation "public.organizations" does not exist'),
  "HTTP 502 with a page": () => new Response("<html>canary", { status: 502 }),
  "HTTP 401 with a page": () => new Response("<html>canary", { status: 401 }),
  "HTTP 403 with a page": () => new Response("<html>canary: no API key", { status: 403 }),
  "HTTP 403 with a line": () => new Response("error code: 1020", { status: 403 }),
  "HTTP 403 without a body": () => new Response(null, { status: 403 }),
  "HTTP 403 from a firewall": gateway(403, "Forbidden"),
  "HTTP 403 with another code": () =>
    Response.json({ code: "canary", message: "canary" }, { status: 403 }),
  "HTTP 502 with a number as its code": () =>
    Response.json({ code: 502, message: { canary: 1 } }, { status: 502 }),
};

/** By the reason in the log, which has names from the message but no values. */
const refusedRows: Readonly<Record<string, () => Response>> = {
  "HTTP 403 42501": failure(403, "42501"),
  "HTTP 403 42501 audit": failure(403, "42501", "permission denied for table audit"),
  "HTTP 404 42P01 public.audit": failure(404, "42P01", 'relation "public.audit" does not exist'),
  "HTTP 404 42883": failure(404, "42883", "function canary(text) does not exist"),
  "HTTP 400 42P10": failure(400, "42P10"),
  "HTTP 400 23502 tenant users": failure(
    400,
    "23502",
    'null value in column "tenant" of relation "users" violates not-null constraint',
  ),
  "HTTP 409 23505 users_email_key": failure(
    409,
    "23505",
    'duplicate key value violates unique constraint "users_email_key"',
  ),
  "HTTP 409 23503 users users_team_fkey": failure(
    409,
    "23503",
    'insert or update on table "users" violates foreign key constraint "users_team_fkey"',
  ),
  "HTTP 403 PT403": failure(403, "PT403"),
  "HTTP 400 P0001": failure(400, "P0001", "canary@example.com may not"),
};

for (const [name, call] of Object.entries(calls)) {
  for (const [what, answer] of Object.entries(refusedRows)) {
    Deno.test(`${name}() reads ${what} as a refusal by the database`, async () => {
      await using database = serveLoopback(answer);
      const result = await call(database.url);
      assert.ok(!result.ok);
      assert.equal(result.failure.code, "database_refused");
      assert.equal(result.failure.reason, `database: ${what}`);
    });
  }

  for (const [what, answer] of Object.entries(refusals)) {
    Deno.test(`${name}() reads ${what} as a refused key`, async () => {
      await using database = serveLoopback(answer);
      const result = await call(database.url);
      assert.ok(!result.ok);
      assert.equal(result.failure.code, "server_misconfigured");
      assert.equal(result.failure.message, "SUPABASE_SECRET_KEYS was refused by the database");
      assert.ok(!JSON.stringify(result).includes("canary"));
    });
  }

  for (const [what, answer] of Object.entries(outages)) {
    Deno.test(`${name}() reads ${what} as an outage, and asks only once`, async () => {
      await using database = serveLoopback(answer);
      const result = await call(database.url);
      assert.ok(!result.ok);
      assert.equal(result.failure.code, "database_unavailable");
      assert.ok(result.failure.reason?.startsWith(`database: ${what.slice(0, 8)}`));
      assert.ok(!JSON.stringify(result).includes("canary"));
      assert.equal(database.requests.length, 1);
    });
  }

  Deno.test(`${name}() reads an unreachable database as an outage`, async () => {
    const result = await call(deadAddress());
    assert.equal(!result.ok && result.failure.code, "database_unavailable");
  });

  Deno.test(`${name}() sends the service key and no other`, async () => {
    await using database = serveLoopback(failure(503, "PGRST001"));
    await call(database.url);
    const [request] = database.requests;
    assert.equal(request?.headers.get("apikey"), key);
    assert.match(request?.path ?? "", /^\/rest\/v1\//);
  });
}

for (const [name, call] of Object.entries(calls)) {
  Deno.test(`${name}() reads an empty 404, and a failure of null, as an outage`, async () => {
    for (
      const answer of [
        () => new Response(null, { status: 404 }),
        () => Response.json(null, { status: 403 }),
      ]
    ) {
      await using database = serveLoopback(answer);
      const result = await call(database.url);
      assert.equal(!result.ok && result.failure.code, "database_unavailable");
    }
  });
}

Deno.test("applyFacts() throws if the answer does not have the function's form", async () => {
  await using database = serveLoopback(() => Response.json([{ item: 1, outcome: "canary" }]));
  await assert.rejects(calls.applyFacts(database.url), { name: /ZodError/ });
});

for (const [name, call] of Object.entries(calls)) {
  Deno.test(`${name}() never takes a row that the Data API has left out for one that is not there`, async () => {
    await using database = serveLoopback(() =>
      Response.json([], { status: 206, headers: { "content-range": "*/1" } })
    );
    const result = await call(database.url);
    assert.ok(!result.ok);
    assert.equal(result.failure.code, "server_misconfigured");
    assert.match(result.failure.hint ?? "", /Set Max rows to 1000/);
  });
}
