import assert from "node:assert/strict";
import { unusableAnswer } from "../../supabase/functions/_shared/clerk/failed_answer.ts";
import { databaseFailure } from "../../supabase/functions/_shared/database/failure.ts";
import { type Result, succeed } from "../../supabase/functions/_shared/failure.ts";
import { createPatience } from "../../supabase/functions/_shared/patience.ts";

/** How often something is attempted that fails like this at first. */
async function attemptsAt(failure: Result<never>): Promise<number> {
  const { signal } = new AbortController();
  const patiently = createPatience({ limit: 1_000, signal, firstPause: 1 });
  let attempts = 0;
  await patiently(() => Promise.resolve(++attempts === 1 ? failure : succeed(undefined)));
  return attempts;
}

Deno.test("a database that is down, and an answer that cannot be used, are asked for again", async () => {
  assert.equal(await attemptsAt(databaseFailure({}, 403)), 2);
  assert.equal(await attemptsAt(unusableAnswer("users", "not a list")), 2);
});

Deno.test("missing migrations and a refused key are not waited for", async () => {
  assert.equal(await attemptsAt(databaseFailure({ code: "PGRST202" }, 404)), 1);
  assert.equal(await attemptsAt(databaseFailure({ code: "PGRST301" }, 401)), 1);
});
