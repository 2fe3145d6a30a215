/** A database or functions that are not as they should be. */
import { answers } from "../../local/gateway/answers.ts";
import { withSql } from "../support/database/connections.ts";
import { apiKnows } from "../support/stack/known_tables.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { assertFindings, type Chain, type Disturb, needRows, startChain } from "./doctor_chain.ts";

let chain: Chain;
Deno.test.beforeAll(async () => {
  chain = await startChain();
});
Deno.test.afterAll(() => chain.stop());

/** Answers requests to one path, of one method if given. */
function at(path: string, answer: () => Response, method?: string): Disturb {
  return (request) =>
    new URL(request.url).pathname.startsWith(path) &&
      (method === undefined || request.method === method)
      ? answer()
      : undefined;
}

const behindDatabase = ["migrations", ...needRows, "third-party-auth"];

Deno.test("a Data API that is down fails the check of the database", async () => {
  const findings = await chain.examine({ disturb: at("/rest/v1/", answers.restDown) });
  assertFindings(findings, {
    failed: { database: [/answers with HTTP 503/, /paused/] },
    skipped: behindDatabase,
  });
});

Deno.test("a secret key of another project is refused by the Data API", async () => {
  const SUPABASE_KEY = "sb_secret_of_another_project";
  assertFindings(await chain.examine({ environment: { SUPABASE_KEY } }), {
    failed: { database: [/refuses the secret key/, /Copy the secret key again/] },
    skipped: behindDatabase,
  });
});

Deno.test("a migration that is not applied is named by its version", async () => {
  await withSql(async (sql) => {
    const version = "20261123090620";
    const [row] = await sql`
      delete from supabase_migrations.schema_migrations where version = ${version} returning *
    `;
    try {
      assertFindings(await chain.examine(), {
        failed: { migrations: [/lacks migration 20261123090620/, /deno task migrate/] },
        skipped: needRows,
      });
    } finally {
      await sql`insert into supabase_migrations.schema_migrations ${sql({ ...row })}`;
    }
  });
});

Deno.test("a migration whose file has changed since it was applied is a warning", async () => {
  await withSql(async (sql) => {
    const version = "20261123090300";
    const [row] = await sql`
      delete from supabase_migrations.schema_migrations where version = ${version} returning *
    `;
    try {
      await sql`
        insert into supabase_migrations.schema_migrations ${
        sql({ ...row, statements: ["select 1"] })
      }
      `;
      assertFindings(await chain.examine(), {
        warning: { migrations: [/another text of migration 20261123090300/, /new migration/] },
      });
    } finally {
      await sql`delete from supabase_migrations.schema_migrations where version = ${version}`;
      await sql`insert into supabase_migrations.schema_migrations ${sql({ ...row })}`;
    }
  });
});

Deno.test("a function that the database lacks is named, also without its connection string", async () => {
  await withSql(async (sql) => {
    await sql`alter function public.compare_clerk_facts(jsonb) rename to gone`;
    try {
      await apiKnows(["rpc/compare_clerk_facts"], false);
      for (const DB_CONNECTION_STRING of [undefined, runningStack().DB_URL]) {
        assertFindings(await chain.examine({ environment: { DB_CONNECTION_STRING } }), {
          failed: { migrations: [/does not have compare_clerk_facts\(\)/, /Apply the migrations/] },
          skipped: needRows,
        });
      }
    } finally {
      await sql`alter function public.gone(jsonb) rename to compare_clerk_facts`;
      await apiKnows(["rpc/compare_clerk_facts"]);
    }
  });
});

Deno.test("a database without this project's functions is told from one that is down", async () => {
  const missing = at(
    "/rest/v1/rpc/clerk_sync_status",
    () =>
      Response.json({ code: "PGRST202", message: "Could not find the function" }, { status: 404 }),
  );
  assertFindings(await chain.examine({ disturb: missing }), {
    failed: { migrations: [/clerk_sync_status\(\)/, /Apply the migrations/] },
    skipped: needRows,
  });
});

Deno.test("a connection string that is wrong or leads nowhere fails the check of the migrations", async () => {
  const cases = [
    ["postgresql://postgres:[YOUR-PASSWORD]@127.0.0.1:1/postgres", /\[YOUR-PASSWORD\]/],
    ["postgresql://postgres:canary-password@127.0.0.1:1/postgres", /cannot be reached/],
  ] as const;
  for (const [DB_CONNECTION_STRING, finding] of cases) {
    assertFindings(await chain.examine({ environment: { DB_CONNECTION_STRING } }), {
      failed: { migrations: [finding, /Session pooler/] },
      skipped: needRows,
    });
  }
});

Deno.test("a function that is not deployed is told from one that the platform guards", async () => {
  // In the platform's words.
  const guarded = () =>
    Response.json(
      { code: "UNAUTHORIZED_NO_AUTH_HEADER", message: "Missing authorization header" },
      {
        status: 401,
      },
    );
  const cases = [
    [answers.functionNotFound, /not deployed/, /functions deploy users-sync/],
    [guarded, /verify_jwt is on/, /verify_jwt = false/],
    [answers.bootError, /does not start/, /log/],
    [() => new Response("Hello"), /not this project's/, /functions deploy users-sync/],
  ] as const;
  for (const [answer, finding, remedy] of cases) {
    const findings = await chain.examine({ disturb: at("/functions/v1/users-sync", answer) });
    assertFindings(findings, {
      failed: { "users-sync": [finding, remedy] },
      skipped: ["cors-users-sync"],
    });
  }
});

Deno.test("each function has a check of its own", async () => {
  const missing = (name: string) => at(`/functions/v1/${name}`, answers.functionNotFound);
  assertFindings(await chain.examine({ disturb: missing("users-me") }), {
    failed: { "users-me": [/not deployed/, /deploy users-me/] },
    skipped: ["cors-users-me", "accepted-token"],
  });
  assertFindings(await chain.examine({ disturb: missing("clerk-webhook") }), {
    failed: { "clerk-webhook": [/not deployed/, /deploy clerk-webhook/] },
    skipped: ["cors-clerk-webhook", "webhook-secret"],
  });
});

Deno.test("a function without its variables is named with them", async () => {
  await chain.own.withEnvironment("users-sync", { CLERK_SECRET_KEY: null }, async () => {
    assertFindings(await chain.examine(), {
      failed: { "users-sync": [/CLERK_SECRET_KEY is missing or wrong/, /secrets set/] },
      skipped: ["cors-users-sync"],
    });
  });
});

Deno.test("an answer without its request's id is not the function's own", async () => {
  const body = { error: { code: "missing_token", message: "", request_id: "another-one" } };
  const disturb = at("/functions/v1/users-me", () => Response.json(body, { status: 401 }));
  assertFindings(await chain.examine({ disturb }), {
    failed: { "users-me": [/without its x-request-id/, /proxy/] },
    skipped: ["cors-users-me", "accepted-token"],
  });
});

Deno.test("a preflight that a browser would refuse fails the check of CORS", async () => {
  const allowing = (headers: string) => () =>
    new Response(null, {
      status: 204,
      headers: { "access-control-allow-origin": "*", "access-control-allow-headers": headers },
    });
  const cases = [
    [() => new Response(null, { status: 204 }), /does not allow a page's origin/],
    [() => new Response(null, { status: 405 }), /HTTP 405/],
    // A wildcard does not cover authorization.
    [allowing("*"), /does not allow the headers .*authorization/],
    [allowing("authorization, content-type"), /does not allow the headers apikey/],
  ] as const;
  for (const [answer, finding] of cases) {
    const disturb = at("/functions/v1/users-sync", answer, "OPTIONS");
    assertFindings(await chain.examine({ disturb }), {
      failed: { "cors-users-sync": [finding, /proxy/] },
    });
  }
  const { API_URL } = runningStack();
  const unreadable: Disturb = async (request) => {
    const { pathname } = new URL(request.url);
    const answer = await fetch(`${API_URL}${pathname}`, {
      method: request.method,
      headers: { "x-request-id": request.headers.get("x-request-id") ?? "" },
    });
    const headers = new Headers(answer.headers);
    headers.delete("access-control-allow-origin");
    return new Response(answer.body, { status: answer.status, headers });
  };
  const disturb: Disturb = (request) =>
    request.url.endsWith("/users-me") && request.method === "POST"
      ? unreadable(request)
      : undefined;
  assertFindings(await chain.examine({ disturb }), {
    failed: { "cors-users-me": [/does not let a page read/, /proxy/] },
  });
});

Deno.test("a webhook that browsers may call is a warning", async () => {
  const open = () =>
    new Response(null, { status: 204, headers: { "access-control-allow-origin": "*" } });
  const disturb = at("/functions/v1/clerk-webhook", open, "OPTIONS");
  assertFindings(await chain.examine({ disturb }), {
    warning: { "cors-clerk-webhook": [/allows browsers/, /proxy/] },
  });
});
