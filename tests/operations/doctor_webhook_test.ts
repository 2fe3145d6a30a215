/** A webhook that does not arrive: its secret, its endpoint in Svix, its attempts. */
import { Svix } from "svix";
import { z } from "zod";
import { eventually } from "../support/eventually.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { readMessages } from "../support/stack/svix_messages.ts";
import { otherSigningSecret } from "../support/svix/deliveries.ts";
import {
  assertFindings,
  type Chain,
  control,
  type Expected,
  settle,
  startChain,
  withFaults,
} from "./doctor_chain.ts";

let chain: Chain;
Deno.test.beforeAll(async () => {
  chain = await startChain();
});
Deno.test.afterAll(() => chain.stop());

const behindEndpoint = ["signing-secret", "webhook-attempts"];

/** Asserts what is found while the oldest endpoint in Svix has these settings. */
async function withEndpoint(
  settings: Readonly<Record<string, unknown>>,
  expected: Expected,
): Promise<void> {
  const token = await chain.signIn();
  await control("PUT", "endpoint", settings);
  try {
    assertFindings(await chain.examine({ token }), expected);
  } finally {
    await control("PUT", "endpoint", {
      url: chain.webhookUrl,
      disabled: false,
      event_types: null,
      secrets: [runningStack().CLERK_WEBHOOK_SECRET],
    });
  }
}

Deno.test("a deployed secret that is another than the local one is named", async () => {
  const token = await chain.signIn();
  const variables = { CLERK_WEBHOOK_SECRET: otherSigningSecret };
  await chain.own.withEnvironment("clerk-webhook", variables, async () => {
    assertFindings(await chain.examine({ token }), {
      failed: { "webhook-secret": [/not the CLERK_WEBHOOK_SECRET/, /secrets set/] },
    });
  });
});

Deno.test("of several local secrets, the deployed function must have each", async () => {
  const CLERK_WEBHOOK_SECRET = `${runningStack().CLERK_WEBHOOK_SECRET} ${otherSigningSecret}`;
  assertFindings(await chain.examine({ environment: { CLERK_WEBHOOK_SECRET } }), {
    failed: { "webhook-secret": [/does not have all secrets/, /secrets set/] },
  });
  await chain.own.withEnvironment("clerk-webhook", { CLERK_WEBHOOK_SECRET }, async () => {
    assertFindings(await chain.examine({ environment: { CLERK_WEBHOOK_SECRET } }), {});
  });
});

Deno.test("a function that takes only another instance's events is named, and keeps no note of doctor's", async () => {
  const token = await chain.signIn();
  const variables = { CLERK_INSTANCE_ID: "ins_another" };
  await chain.own.withEnvironment("clerk-webhook", variables, async () => {
    for (const _ of [1, 2]) {
      assertFindings(await chain.examine({ token }), {
        failed: {
          "webhook-secret": [/its CLERK_INSTANCE_ID names another/, /CLERK_INSTANCE_ID=ins_/],
        },
      });
    }
  });
  assertFindings(await chain.examine(), {});
});

Deno.test("a clock that is wrong is told from a wrong secret", async () => {
  const body = { error: { code: "invalid_signature", message: "", request_id: "unknown" } };
  const date = new Date(Date.now() - 600_000).toUTCString();
  const findings = await chain.examine({
    disturb: ({ headers }) =>
      headers.get("svix-id") === "msg_doctor"
        ? Response.json(body, { status: 401, headers: { date } })
        : undefined,
  });
  assertFindings(findings, { failed: { "webhook-secret": [/clock is wrong/, /Set the clock/] } });
});

Deno.test("a webhook without an endpoint is named", async () => {
  await withEndpoint({ url: null }, {
    failed: { "webhook-endpoint": [/no webhook endpoint/, /Add an endpoint with the URL http/] },
    skipped: behindEndpoint,
  });
});

Deno.test("an endpoint with another URL is named", async () => {
  await withEndpoint({ url: `${chain.webhookUrl}-old` }, {
    failed: {
      "webhook-endpoint": [/No webhook endpoint has the function's URL/, /clerk-webhook in/],
    },
    skipped: behindEndpoint,
  });
});

Deno.test("a region in the endpoint's URL makes no difference", async () => {
  await withEndpoint({ url: `${chain.webhookUrl}?forceFunctionRegion=eu-central-1` }, {});
});

Deno.test("a disabled endpoint is named", async () => {
  await withEndpoint({ disabled: true }, {
    failed: { "webhook-endpoint": [/disabled/, /Enable it/] },
    skipped: behindEndpoint,
  });
});

Deno.test("events that are not ticked are named", async () => {
  const event_types = ["user.created", "user.updated", "organization.created"];
  await withEndpoint({ event_types }, {
    failed: {
      "webhook-endpoint": [/user\.deleted.*organizationMembership\.deleted/, /Tick them/],
    },
    skipped: behindEndpoint,
  });
});

Deno.test("one event of users that is not ticked is enough", async () => {
  const event_types = ["user.created", "user.updated"];
  await withFaults([{ route: "GET /v1/organizations", status: 403 }], async () => {
    await withEndpoint({ event_types }, {
      failed: { "webhook-endpoint": [/subscribe to user\.deleted/, /Tick them/] },
      skipped: behindEndpoint,
    });
  });
});

Deno.test("events of organizations need not be ticked where Clerk has none", async () => {
  const event_types = ["user.created", "user.updated", "user.deleted"];
  await withFaults([{ route: "GET /v1/organizations", status: 403 }], async () => {
    // Switched off, they are not counted either.
    await withEndpoint({ event_types }, {});
  });
});

Deno.test("a signing secret of Svix' that is not the local one is named", async () => {
  const token = await chain.signIn();
  await control("PUT", "endpoint", { secrets: [otherSigningSecret] });
  try {
    assertFindings(await chain.examine({ token }), {
      failed: { "signing-secret": [/another secret/, /Copy the endpoint's signing secret/] },
    });
  } finally {
    await control("PUT", "endpoint", { secrets: [runningStack().CLERK_WEBHOOK_SECRET] });
  }
});

Deno.test("a second endpoint with the function's URL is a warning", async () => {
  const { svix, appId } = await openPortal();
  const token = await chain.signIn();
  const { id } = await svix.endpoint.create(appId, { url: chain.webhookUrl });
  try {
    assertFindings(await chain.examine({ token }), {
      warning: { "webhook-endpoint": [/2 endpoints/, /Keep one/] },
    });
  } finally {
    await svix.endpoint.patch(appId, id, { url: "http://127.0.0.1:9/none", disabled: true });
  }
});

Deno.test("messages that do not arrive are counted by status, and no longer once they have", async () => {
  const token = await chain.signIn();
  const variables = { CLERK_WEBHOOK_SECRET: otherSigningSecret };
  await chain.own.withEnvironment("clerk-webhook", variables, async () => {
    // Of a type that changes no rows.
    await control("POST", "messages", { type: "email.created", data: { object: "email" } });
    await eventually("Svix has tried", async () => {
      const { data } = await readMessages();
      return data.some(({ attempts }) => attempts.some(({ status }) => status === 401));
    });
    // Before the function has its secret back, because the next attempt would succeed.
    await control("PUT", "endpoint", { paused: true });
    await control("GET", "settled");
  });
  try {
    assertFindings(await chain.examine({ token, unsettled: true }), {
      failed: {
        "webhook-attempts": [
          /1 of the last \d+ messages have not arrived: HTTP 401 × 1/,
          /signing secret .*task replay/,
        ],
      },
    });
  } finally {
    await control("PUT", "endpoint", { paused: false });
  }
  await settle();
  assertFindings(await chain.examine(), {});
});

Deno.test("a portal that is closed is a warning that says where to look", async () => {
  const routes = ["POST /v1/webhooks/svix_url", "POST /api/v1/auth/one-time-token"];
  for (const route of [...routes, "GET /api/v1/app/*/endpoint"]) {
    await withFaults([{ route, status: 500 }], async () => {
      assertFindings(await chain.examine(), {
        warning: { "webhook-endpoint": [/Svix/, /Look yourself, in Clerk: Configure, Webhooks/] },
        skipped: behindEndpoint,
      });
    });
  }
});

const opened = z.object({ svix_url: z.url() });
const portalKey = z.object({ appId: z.string(), oneTimeToken: z.string() });

/** Svix' own client, let in through the portal as a browser would be. */
async function openPortal(): Promise<{ svix: Svix; appId: string }> {
  const { CLERK_API_URL, CLERK_SECRET_KEY } = runningStack();
  const answer = await fetch(`${CLERK_API_URL}/v1/webhooks/svix_url`, {
    method: "POST",
    headers: { authorization: `Bearer ${CLERK_SECRET_KEY}` },
  });
  const { hash } = new URL(opened.parse(await answer.json()).svix_url);
  const key = new URLSearchParams(hash.slice(1)).get("key") ?? "";
  const { appId, oneTimeToken } = portalKey.parse(JSON.parse(atob(key)));
  const exchanged = await fetch(`${CLERK_API_URL}/api/v1/auth/one-time-token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ oneTimeToken }),
  });
  const { token } = z.object({ token: z.string() }).parse(await exchanged.json());
  return { svix: new Svix(token, { serverUrl: CLERK_API_URL }), appId };
}
