/** Forged and unfit session tokens, sent through the gateway to both functions that take tokens. */
import assert from "node:assert/strict";
import { type FailureCode, meanings } from "../../supabase/functions/_shared/failure.ts";
import { canary } from "../support/leaks/leak.ts";
import { sendRaw } from "../support/raw_http.ts";
import { clerk, signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { type Answer, callWithToken, errorOf } from "../support/stack/supabase.ts";
import { type AttackedStack, startAttackedStack } from "./attacked_stack.ts";
import { createTokenAttempts } from "./token_attempts.ts";
import type { Attempt } from "./token_forge.ts";

const functionNames = ["users-me", "users-sync"];
const party = "https://app.example.com";

let attacked: AttackedStack;
let userId: string;
let refused = 0;

Deno.test.beforeAll(async () => {
  attacked = await startAttackedStack();
  const user = await signUp({
    firstName: canary,
    lastName: canary,
    publicMetadata: { plan: canary },
  });
  userId = user.id;
  await webhooksSettled();
});
Deno.test.afterAll(() => attacked.stop());

function assertRefused(answer: Answer, code: FailureCode): void {
  refused++;
  attacked.leaks.hear(answer);
  const error = errorOf(answer);
  const meaning = meanings[code];
  assert.deepEqual([error.code, error.message], [code, meaning.message]);
  assert.equal(answer.status, meaning.status);
  assert.equal(answer.headers.get("content-type"), "application/json");
  assert.equal(answer.headers.get("x-request-id"), error.request_id);
  assert.equal(answer.headers.get("www-authenticate"), meaning.status === 401 ? "Bearer" : null);
}

async function attempt(functionName: string, { headers, query = "", refusal }: Attempt) {
  const url = `${runningStack().API_URL}/functions/v1/${functionName}${query}`;
  const answer = await sendRaw(url, { headers: [...headers, ["content-length", "0"]] });
  if (refusal !== null) return assertRefused(answer, refusal);
  assert.equal(answer.status, 200);
}

const configurations: Readonly<Record<string, () => Record<string, string>>> = {
  "keys from Clerk": () => ({}),
  "CLERK_JWT_KEY": () => ({ CLERK_JWT_KEY: runningStack().CLERK_JWT_KEY }),
};

for (const [name, keys] of Object.entries(configurations)) {
  Deno.test(`only genuine session tokens get in: ${name}`, async (test) => {
    const issuer = runningStack().CLERK_API_URL;
    const variables = {
      ...keys(),
      CLERK_AUTHORIZED_PARTIES: party,
      CLERK_ISSUER: issuer,
    };
    const target = { key: attacked.instanceKey, userId, issuer, party };
    const attempts = await createTokenAttempts(target);
    const refused = [...attempts.values()].filter(({ refusal }) => refusal !== null);
    assert.ok(refused.length >= 40);
    const run = async () => {
      for (const [what, trial] of attempts) {
        if (trial.keySetOnly && name === "CLERK_JWT_KEY") continue;
        await test.step(what, async () => {
          for (const functionName of functionNames) await attempt(functionName, trial);
        });
      }
    };
    await attacked.withEnvironment(
      "users-me",
      variables,
      () => attacked.withEnvironment("users-sync", variables, run),
    );
  });
}

Deno.test("a header too large for the server never reaches a function", async () => {
  const url = `${runningStack().API_URL}/functions/v1/users-me`;
  const headers = [["authorization", `Bearer ${"x".repeat(2_000_000)}`]] as const;
  assert.match(String((await sendRaw(url, { headers })).status), /^4(00|31)$/);
});

Deno.test("a deleted user's token opens nothing", async () => {
  const user = await signUp({ firstName: canary });
  const token = await signIn(user.id);
  await webhooksSettled();
  assert.equal((await callWithToken("users-me", token)).status, 200);
  await clerk().users.deleteUser(user.id);
  await webhooksSettled();
  assertRefused(await callWithToken("users-me", token), "user_inactive");
  assertRefused(await callWithToken("users-sync", token), "clerk_user_not_found");
});

Deno.test("no log line and no error repeats what was sent", async () => {
  assert.ok(refused > 0);
  assert.deepEqual((await attacked.leaks.report(refused)).leaks, []);
});
