/** A thousand random requests. `deno task fuzz` sends ten thousand. */
import assert from "node:assert/strict";
import { type AttackedStack, startAttackedStack } from "./attacked_stack.ts";
import { fuzz } from "./fuzz_run.ts";

const seed = 1;

let attacked: AttackedStack;

Deno.test.beforeAll(async () => {
  attacked = await startAttackedStack();
});
Deno.test.afterAll(() => attacked.stop());

Deno.test("no random request gets in, causes a 5xx, or puts a secret into a log", async () => {
  const { answers, problems } = await fuzz({ attacked, count: 1000, seed });
  assert.deepEqual(problems, []);
  // Without successes, nothing behind authentication would have been tested.
  for (const kind of ["users-me 200", "users-sync 200", "clerk-webhook 200 applied"]) {
    assert.ok(answers.has(kind), `${kind} is not among the answers`);
  }
});
