/** Running functions pick up keys rotated at Clerk. */
import assert from "node:assert/strict";
import { createPrinter } from "../../local/printer.ts";
import { eventually, pause } from "../support/eventually.ts";
import { longToken, signUp } from "../support/stack/clerk.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { callWithToken, errorOf } from "../support/stack/supabase.ts";
import { rotateKey } from "./clerk_faults.ts";

/** Milliseconds. An unknown key is looked up at most every 10 s. */
const longest = 11_000;

let own: OwnStack;
let userId: string;
let processes: (number | undefined)[];

Deno.test.beforeAll(async () => {
  own = await startOwnStack({ functionsOnDemand: false });
  userId = (await signUp()).id;
  processes = running();
});
Deno.test.afterAll(() => own.stop());

function running(): (number | undefined)[] {
  return [...own.stack.functions.values()].map(({ pid }) => pid);
}

/** "200", or the failure's code. */
async function outcome(name: string, token: string): Promise<string> {
  const answer = await callWithToken(name, token);
  return answer.status < 300 ? "200" : errorOf(answer).code;
}

async function pickedUp(token: string): Promise<number> {
  const started = performance.now();
  for (const name of ["users-sync", "users-me"]) {
    await eventually(`${name} knows the new key`, async () => {
      const answered = await outcome(name, token);
      assert.ok(["200", "invalid_token"].includes(answered), answered);
      if (answered !== "200") await pause(100);
      return answered === "200";
    }, longest);
  }
  return performance.now() - started;
}

Deno.test("a rotated key is picked up without a restart, and the old one works as long as Clerk lists it", async () => {
  const shown = await longToken(userId);
  assert.equal(await outcome("users-sync", shown), "200");
  await rotateKey(600_000);
  const withdrawn = await longToken(userId);
  await rotateKey(0);
  const current = await longToken(userId);
  const seconds = (await pickedUp(current) / 1000).toFixed(1);
  createPrinter().line(`Key rotated | both functions serve again after ${seconds} s`);
  for (const name of ["users-sync", "users-me"]) {
    assert.equal(await outcome(name, current), "200");
    assert.equal(await outcome(name, shown), "200");
    assert.equal(await outcome(name, withdrawn), "invalid_token");
  }
  assert.deepEqual(running(), processes);
});
