import assert from "node:assert/strict";
import { z } from "zod";
import { withSql } from "../support/database/connections.ts";
import { eventually } from "../support/eventually.ts";
import { printedSeed, type Random, seededRandom } from "../support/random.ts";
import { assertAsInClerk } from "../support/stack/as_in_clerk.ts";
import { signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { callWithToken } from "../support/stack/supabase.ts";
import { pauseWebhooks, readMessages, resend } from "../support/stack/svix_messages.ts";
import { stackDirectory, watchPostgresLog } from "./postgres_log.ts";

const groups = 8;
const usersInGroup = 25;
const requestsAtOnce = 8;

type First = "webhook" | "request" | "either";

interface NewUser {
  readonly id: string;
  readonly token: string;
}

/** A user whose frontend has a token while their webhooks are still held back. */
async function newUser(): Promise<NewUser> {
  const { id } = await signUp();
  return { id, token: await signIn(id) };
}

async function countOf(query: "rows" | "created", ids: readonly string[]): Promise<number> {
  const rows = await withSql((sql) =>
    query === "rows" ? sql`select clerk_id from public.users where clerk_id in ${sql(ids)}` : sql`
        select delivery_id from public.clerk_deliveries
        where subject in ${sql(ids)} and outcome = 'created'
      `
  );
  return rows.length;
}

const synced = z.object({ user: z.object({ clerk_id: z.string() }) });

/** How many of a user's first requests were answered with "created". */
async function firstRequests({ id, token }: NewUser): Promise<number> {
  const answers = await Promise.all(
    Array.from({ length: requestsAtOnce }, () => callWithToken("users-sync", token)),
  );
  for (const { status, body } of answers) {
    assert.ok(status === 200 || status === 201, `${status} ${JSON.stringify(body)}`);
    assert.equal(synced.parse(body).user.clerk_id, id);
  }
  return answers.filter(({ status }) => status === 201).length;
}

/** Releases the webhooks, each of them twice. */
async function deliverTwice(users: readonly NewUser[], random: Random): Promise<void> {
  const messages = await Promise.all(
    users.map(async ({ id }) => (await readMessages({ user_id: id })).data),
  );
  await pauseWebhooks(false);
  await Promise.all(random.shuffled(messages.flat()).map(({ id }) => resend(id)));
}

/** Runs both at once, either one a little ahead. Returns how many rows each created. */
async function race(first: First, random: Random) {
  await pauseWebhooks(true);
  const users = await Promise.all(Array.from({ length: usersInGroup }, newUser));
  const ids = users.map(({ id }) => id);
  async function deliverAfter(requested: readonly string[]) {
    if (requested.length > 0) {
      await eventually("a request is first", async () => await countOf("rows", requested) > 0);
    }
    await deliverTwice(users, random);
  }
  if (first === "webhook") {
    await pauseWebhooks(false);
    await eventually("a webhook is first", async () => await countOf("created", ids) > 0);
  }
  const [created] = await Promise.all([
    Promise.all(random.shuffled(users).map(firstRequests)),
    deliverAfter(first === "request" ? ids : []),
  ]);
  const byRequest = created.reduce((sum, count) => sum + count, 0);
  await webhooksSettled();
  await Promise.all(ids.map(async (id) => {
    await assertAsInClerk(id);
    const { data } = await readMessages({ user_id: id });
    assert.ok(data.length > 0, "a sign-up brings messages");
    for (const { attempts } of data) {
      assert.ok(attempts.length > 0);
      assert.ok(
        attempts.every(({ status }) => status === 200),
        "every delivery succeeds at the first attempt",
      );
    }
  }));
  assert.equal(await countOf("rows", ids), usersInGroup);
  const byWebhook = await countOf("created", ids);
  assert.equal(byRequest + byWebhook, usersInGroup, "each user is created exactly once");
  return { byRequest, byWebhook };
}

Deno.test("exactly one of a sign-up's webhooks and first requests creates the row, and none fails", async () => {
  const random = seededRandom(printedSeed("Sign-up race"));
  const log = await watchPostgresLog(stackDirectory());
  const won = { byRequest: 0, byWebhook: 0 };
  for (let group = 0; group < groups; group++) {
    const first = (["webhook", "request", "either"] as const)[group % 3] ?? "either";
    const { byRequest, byWebhook } = await race(first, random);
    won.byRequest += byRequest;
    won.byWebhook += byWebhook;
  }
  assert.ok(won.byRequest > 0 && won.byWebhook > 0, "both sides have won at least once");
  await log.assertQuiet();
});
