import assert from "node:assert/strict";
import { fail, type FailureCode, meanings } from "../../supabase/functions/_shared/failure.ts";
import { createConfigured } from "../../supabase/functions/_shared/http/endpoint.ts";
import { readSupabaseSettings } from "../../supabase/functions/_shared/settings/supabase.ts";
import { endpoint as usersMeEndpoint } from "../../supabase/functions/users-me/handler.ts";
import { clerkEventJson } from "../support/clerk/event_json.ts";
import { bearing, signedIn } from "../support/clerk/requests.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { delivery, deliveryHeaders } from "../support/svix/deliveries.ts";
import { readError } from "./answers.ts";
import { createHandlers, failing } from "./handlers.ts";
import { createLogRecorder } from "./log_recorder.ts";
import { foundUser } from "./user_rows.ts";

interface ErrorRow {
  readonly status: number;
  readonly message: string;
  readonly hint?: string;
  readonly challenge?: string;
  readonly allow?: string;
  readonly retryAfter?: string;
  readonly delivery?: string;
  readonly provoke: () => Promise<Response>;
}

const lastKnownRow =
  "Until Clerk answers again, users-me gives the last known row, if there is one";
const otherToken =
  "Send the token from session.getToken() as the bearer; a Supabase key belongs in the apikey header";

/** Every error of the functions, and a request that provokes it. */
const rows: Readonly<Record<FailureCode, ErrorRow>> = {
  missing_token: {
    status: 401,
    message: "Missing Authorization header",
    challenge: "Bearer",
    provoke: () => createHandlers().usersMe(bearing()),
  },
  invalid_token: {
    status: 401,
    message: "Invalid or expired token",
    hint: otherToken,
    challenge: "Bearer",
    provoke: () => createHandlers().usersSync(bearing("Bearer not.a.token")),
  },
  session_pending: {
    status: 403,
    message: "Session has pending tasks",
    provoke: async () => createHandlers().usersMe(await signedIn({ claims: { sts: "pending" } })),
  },
  user_inactive: {
    status: 403,
    message: "User is deactivated (deleted, deactivated by the application, or banned in Clerk)",
    provoke: async () => {
      const findUser = () =>
        Promise.resolve({ ok: true, value: { ...foundUser(), active: false } } as const);
      return createHandlers({ findUser }).usersMe(await signedIn());
    },
  },
  user_not_found: {
    status: 404,
    message: "User not found in database",
    hint: "Call users-sync first",
    provoke: async () => {
      const findUser = () => Promise.resolve({ ok: true, value: null } as const);
      return createHandlers({ findUser }).usersMe(await signedIn());
    },
  },
  clerk_user_not_found: {
    status: 404,
    message: "User not found in Clerk",
    provoke: async () => {
      const readClerkUser = failing(fail("clerk_user_not_found"));
      return createHandlers({ readClerkUser }).usersSync(await signedIn());
    },
  },
  invalid_signature: {
    status: 401,
    message: "Invalid webhook signature",
    provoke: () => {
      const unsigned = delivery({}, { headers: { "svix-signature": null } });
      return createHandlers().clerkWebhook(unsigned);
    },
  },
  invalid_event: {
    status: 422,
    message: "data.id: Invalid input: expected string, received undefined",
    provoke: () => {
      const user = clerkUserJson({ id: undefined });
      return createHandlers().clerkWebhook(delivery(clerkEventJson("user.created", user)));
    },
  },
  wrong_instance: {
    status: 422,
    message: "Event is from another Clerk instance",
    delivery: "abort-message",
    provoke: () => {
      const event = clerkEventJson("user.created", clerkUserJson(), { instance_id: "ins_other" });
      return createHandlers({ instanceId: "ins_production" }).clerkWebhook(delivery(event));
    },
  },
  invalid_request: {
    status: 400,
    message: "Body is not valid UTF-8",
    provoke: () => {
      const body = new Uint8Array([0x22, 0xff, 0x22]);
      const headers = deliveryHeaders("");
      const request = new Request("http://localhost/clerk-webhook", {
        method: "POST",
        headers,
        body,
      });
      return createHandlers().clerkWebhook(request);
    },
  },
  method_not_allowed: {
    status: 405,
    message: "Method not allowed",
    allow: "GET, POST, OPTIONS",
    provoke: async () => createHandlers().usersMe(await signedIn({}, { method: "DELETE" })),
  },
  payload_too_large: {
    status: 413,
    message: "Body is larger than 1 MiB",
    provoke: () => createHandlers().clerkWebhook(delivery("x".repeat(1024 * 1024 + 1))),
  },
  clerk_rate_limited: {
    status: 503,
    message: "Clerk's rate limit is reached",
    hint: lastKnownRow,
    retryAfter: "7",
    provoke: async () => {
      const readClerkUser = failing(fail("clerk_rate_limited", { retryAfter: 7 }));
      return createHandlers({ readClerkUser }).usersSync(await signedIn());
    },
  },
  clerk_unavailable: {
    status: 503,
    message: "Clerk cannot be reached",
    hint: lastKnownRow,
    provoke: async () => {
      const readClerkUser = failing(fail("clerk_unavailable"));
      return createHandlers({ readClerkUser }).usersSync(await signedIn());
    },
  },
  database_unavailable: {
    status: 503,
    message: "Database cannot be reached",
    provoke: async () => {
      const findUser = failing(fail("database_unavailable"));
      return createHandlers({ findUser }).usersMe(await signedIn());
    },
  },
  database_refused: {
    status: 500,
    message: "Database refused the row",
    hint: "Find the request_id in the function's log: it names the constraint or trigger",
    provoke: async () => {
      const findUser = failing(fail("database_refused"));
      return createHandlers({ findUser }).usersMe(await signedIn());
    },
  },
  server_misconfigured: {
    status: 500,
    message: "SUPABASE_URL and SUPABASE_KEY environment variables are required",
    provoke: () => {
      const settings = readSupabaseSettings({});
      assert.ok(!settings.ok);
      const { log } = createLogRecorder();
      const create = () => assert.fail("The function was configured");
      return createConfigured(usersMeEndpoint, log, settings, create)(bearing());
    },
  },
  internal_error: {
    status: 500,
    message: "Internal error",
    provoke: async () => {
      const findUser = () => Promise.reject(new Error("Nobody expected this"));
      return createHandlers({ findUser }).usersMe(await signedIn());
    },
  },
};

Deno.test("this file tests every error code of the closed list", () => {
  assert.deepEqual(Object.keys(meanings).sort(), Object.keys(rows).sort());
});

for (const [code, row] of Object.entries(rows)) {
  Deno.test(`${code} is answered as documented`, async () => {
    const response = await row.provoke();
    const error = await readError(response);
    assert.equal(response.status, row.status);
    assert.deepEqual(
      { code: error.code, message: error.message, hint: error.hint },
      { code, message: row.message, hint: row.hint },
    );
    assert.equal(response.headers.get("www-authenticate"), row.challenge ?? null);
    assert.equal(response.headers.get("allow"), row.allow ?? null);
    assert.equal(response.headers.get("retry-after"), row.retryAfter ?? null);
    assert.equal(response.headers.get("webhook-delivery"), row.delivery ?? null);
  });
}
