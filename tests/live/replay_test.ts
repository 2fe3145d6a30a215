import assert from "node:assert/strict";
import { askDouble } from "../../local/clerk/control/client.ts";
import { checkout } from "../../local/options.ts";
import { runCli } from "../support/application/cli.ts";
import { assertAsInClerk } from "../support/stack/as_in_clerk.ts";
import { clerk, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { deadAddress } from "../support/loopback_server.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { readRow } from "../support/stack/supabase.ts";
import { everythingDelivered } from "../support/stack/svix_messages.ts";

const webhook = () => `${runningStack().API_URL}/functions/v1/clerk-webhook`;

/** Changes the endpoint of the stack's double. */
async function setEndpoint(settings: Readonly<Record<string, unknown>>) {
  const answer = await askDouble(runningStack(), "PUT", "endpoint", settings);
  await answer.body?.cancel();
  assert.equal(answer.status, 200);
}

const replay = (...args: string[]) => runCli("replay", checkout, ["--local", ...args]);

Deno.test("a day of lost webhooks comes back by a replay", async () => {
  const [known, deleted] = [await signUp(), await signUp()];
  await webhooksSettled();
  // First the functions are down until Svix gives up, then it disables the endpoint.
  await setEndpoint({ url: deadAddress(), retry_schedule_ms: [10, 10] });
  const users = [known.id];
  for (let count = 0; count < 15; count++) users.push((await signUp()).id);
  await webhooksSettled();
  await setEndpoint({ url: webhook(), disabled: true, retry_schedule_ms: [100, 1_000] });
  for (let count = 0; count < 15; count++) users.push((await signUp()).id);
  await clerk().users.updateUser(known.id, { firstName: "Grace" });
  await clerk().users.deleteUser(deleted.id);
  await webhooksSettled();
  for (const id of users.slice(1)) assert.equal(await readRow(id), null);

  const off = await replay("--since", "24h");
  assert.equal(off.code, 1);
  assert.match(off.errors, /The endpoint is switched off.*\nRun it again with --enable/);
  const { code, output, errors } = await replay("--since", "24h", "--enable");
  assert.equal(code, 0, errors);
  assert.match(output, /: 15 failed, 0 still to come\n/);
  await webhooksSettled();
  await everythingDelivered();
  for (const id of users) await assertAsInClerk(id);
  assert.equal((await readRow(deleted.id))?.is_active, false);
  // What did arrive changes nothing by arriving again.
  assert.equal((await replay("--since", "24h")).code, 0);
  await everythingDelivered();
  for (const id of users) await assertAsInClerk(id);
});

Deno.test("a replay needs a time of the past that Svix still remembers", async () => {
  const refusals: [string[], RegExp][] = [
    [[], /Say from when on, with --since/],
    [["--since", "yesterday"], /yesterday is no time\.\nGive one like/],
    [["--since", "2999-01-01"], /is not in the past/],
    [["--since", "15d"], /older than 14 days\.\nGive a later time, and have reconcile/],
  ];
  for (const [args, line] of refusals) {
    const { code, errors } = await replay(...args);
    assert.equal(code, 1);
    assert.match(errors, line);
  }
});

Deno.test("a replay says what failed at Clerk or Svix, and the way on", async () => {
  const cases: [fault: Readonly<Record<string, unknown>>, line: RegExp][] = [
    [{ route: "POST /v1/webhooks/svix_url", status: 500 }, /Clerk fails \(500\)/],
    [{ route: "POST /api/v1/auth/*", status: 403 }, /Svix refused the token \(403\)/],
    [{ route: "GET /api/v1/app/*", status: 429, retry_after: 7 }, /Run it again in 7 s/],
    [
      { route: "POST /api/v1/app/*/recover", garbage: "truncated" },
      /Svix answered, but not in the form/,
    ],
  ];
  for (const [fault, line] of cases) {
    const answer = await askDouble(runningStack(), "PUT", "faults", { faults: [fault] });
    await answer.body?.cancel();
    try {
      const { code, errors } = await replay("--since", "1h");
      assert.equal(code, 1);
      assert.match(errors, line);
      assert.ok(!errors.includes(runningStack().CLERK_SECRET_KEY));
    } finally {
      await (await askDouble(runningStack(), "DELETE", "faults")).body?.cancel();
    }
  }
});
