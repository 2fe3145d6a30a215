/** One signed-in user keeps the database busy with their own row. Nobody else notices. */
import assert from "node:assert/strict";
import { signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken, readRow } from "../support/stack/supabase.ts";
import { type AttackedStack, startAttackedStack } from "./attacked_stack.ts";

/** More than PostgREST's connections to the database. */
const attackers = 24;
/** How often users-me is called meanwhile. */
const questions = 20;
/** Milliseconds. */
const longest = 1000;
/** The column, named as often as one request may name it. */
const everything = Array.from({ length: 60 }, (_, index) => `a${index}:metadata`).join(",");
/** The most bytes that metadata may have as text. */
const bound = 16 * 1024;

let attacked: AttackedStack;
let attacker: { readonly id: string; readonly token: string };
let other: { readonly id: string; readonly token: string };

Deno.test.beforeAll(async () => {
  attacked = await startAttackedStack();
  const newUser = async () => {
    const { id } = await signUp();
    return { id, token: await signIn(id) };
  };
  [attacker, other] = [await newUser(), await newUser()];
  await webhooksSettled();
});
Deno.test.afterAll(() => attacked.stop());

/** Makes metadata of this many bytes. */
function metadataOf(bytes: number): string {
  const empty = '{"filler": ""}';
  return `${empty.slice(0, -2)}${"x".repeat(bytes - empty.length)}"}`;
}

/** Writes the attacker's metadata and reads these columns back. */
async function write(metadata: string, select = "clerk_id"): Promise<Response> {
  const { API_URL, ANON_KEY } = runningStack();
  return await fetch(`${API_URL}/rest/v1/users?clerk_id=eq.${attacker.id}&select=${select}`, {
    method: "PATCH",
    headers: {
      apikey: ANON_KEY,
      authorization: `Bearer ${attacker.token}`,
      "content-type": "application/json",
      prefer: "return=representation",
    },
    body: `{"metadata":${metadata}}`,
  });
}

Deno.test("metadata may be 16 KiB, and not a byte more", async () => {
  for (const bytes of [bound, bound + 1, 20_000_000]) {
    const response = await write(metadataOf(bytes));
    const text = await response.text();
    const refused = bytes > bound;
    assert.equal(response.status, refused ? 400 : 200, `${bytes} bytes: ${text}`);
    if (refused) assert.match(text, /"code":"23514".*users_metadata_size/);
  }
  const kept = JSON.stringify((await readRow(attacker.id))?.metadata);
  assert.equal(
    kept.length,
    bound - 1,
    "the database's text has one more byte, a space after the colon",
  );
});

Deno.test("users-me answers within a second while another user writes and reads as much as they may", async () => {
  // If there were no bound, the first size would be accepted: as much as a test machine can bear.
  const sizes = [1024 * 1024, bound];
  let metadata = "{}";
  for (const size of sizes) {
    metadata = metadataOf(size);
    const response = await write(metadata);
    await response.body?.cancel();
    if (response.ok) break;
  }
  // The first call also fetches Clerk's keys.
  assert.equal((await callWithToken("users-me", other.token, "GET")).status, 200);
  let over = false;
  let attacks = 0;
  const attack = async () => {
    while (!over) {
      const response = await write(metadata, everything);
      await response.arrayBuffer();
      if (response.ok) attacks++;
    }
  };
  const underWay = Array.from({ length: attackers }, attack);
  const times: number[] = [];
  try {
    for (let question = 0; question < questions; question++) {
      const asked = performance.now();
      const { status } = await callWithToken("users-me", other.token, "GET");
      times.push(Math.round(performance.now() - asked));
      assert.equal(status, 200);
    }
  } finally {
    over = true;
    await Promise.all(underWay);
  }
  assert.ok(attacks > 0);
  // A machine that is busy with other things delays some calls. Without a bound, all take longer.
  const [middle = Infinity] = times.toSorted((one, other) => one - other).slice(questions / 2);
  assert.ok(middle < longest, `ms: ${times.join(", ")}`);
});
