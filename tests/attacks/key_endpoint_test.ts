/** Tokens with made-up key ids neither flood Clerk's key endpoint nor lock anybody out. */
import assert from "node:assert/strict";
import { generateInstanceKey, type InstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { sessionToken } from "../support/clerk/session_tokens.ts";
import { pause } from "../support/eventually.ts";
import { signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { callWithToken, errorOf } from "../support/stack/supabase.ts";
import { type AttackedStack, startAttackedStack } from "./attacked_stack.ts";
import { encodePart } from "./compact_token.ts";
import { type KeyEndpoint, serveKeys } from "./key_endpoint.ts";

const functionNames = ["users-me", "users-sync"];

/** Seconds between two fetches for unknown key ids. */
const coolDown = 10;

let attacked: AttackedStack;
/** Enough users that none reaches the limit that users-sync sets for each. */
const userIds: string[] = [];

Deno.test.beforeAll(async () => {
  attacked = await startAttackedStack();
  for (let user = 0; user < 5; user++) userIds.push((await signUp()).id);
  await webhooksSettled();
});
Deno.test.afterAll(() => attacked.stop());

function issue({ privateKey, publicJwk }: InstanceKey, sub = userIds[0]): Promise<string> {
  return sessionToken({ privateKey, kid: publicJwk.kid }, { claims: { sub } });
}

async function statusOf(functionName: string, token: string): Promise<number> {
  const answer = await callWithToken(functionName, token);
  if (answer.status === 401) assert.equal(errorOf(answer).code, "invalid_token");
  return answer.status;
}

async function behind(endpoint: KeyEndpoint, run: () => Promise<void>): Promise<void> {
  const variables = { CLERK_API_URL: endpoint.url };
  await attacked.withEnvironment(
    "users-me",
    variables,
    () => attacked.withEnvironment("users-sync", variables, run),
  );
}

/** Sends 500 tokens with key ids that nobody has, and a genuine token before every ten of them. */
async function hammer(functionName: string, tokens: readonly string[]) {
  const [, claims = ""] = tokens[0]?.split(".") ?? [];
  const kinds = Array.from({ length: 550 }, (_, index) => index % 11 === 0);
  const next = kinds.entries();
  const worker = async () => {
    for (const [index, isGenuine] of next) {
      const header = encodePart({ alg: "RS256", kid: `ins_madeUp${index}`, typ: "JWT" });
      const genuine = tokens[index % tokens.length] ?? "";
      const token = isGenuine ? genuine : `${header}.${claims}.${claims}`;
      assert.equal(await statusOf(functionName, token), isGenuine ? 200 : 401);
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
}

Deno.test("500 made-up key ids cause one key fetch in ten seconds, and rotated keys are still picked up", async (test) => {
  const rotated = await generateInstanceKey();
  await using endpoint = serveKeys(attacked.instanceKey);
  await behind(endpoint, async () => {
    const began = performance.now();
    const elapsed = () => (performance.now() - began) / 1000;

    await test.step("made-up key ids", async () => {
      const genuine = await Promise.all(userIds.map((id) => issue(attacked.instanceKey, id)));
      await Promise.all(functionNames.map((name) => hammer(name, genuine)));
      const allowed = functionNames.length * (1 + Math.ceil(elapsed() / coolDown));
      assert.ok(endpoint.fetches >= functionNames.length);
      assert.ok(endpoint.fetches <= allowed, `${endpoint.fetches} fetches in ${elapsed()} s`);
    });

    await test.step("a rotated key", async () => {
      endpoint.keys = [rotated];
      const rotatedAt = elapsed();
      await Promise.all(functionNames.map(async (name) => {
        // The made-up ids may just have caused a fetch. The new key is unknown until the next one.
        while (await statusOf(name, await issue(rotated)) !== 200) {
          assert.ok(elapsed() - rotatedAt < coolDown + 5, "The rotated key was not picked up");
          await pause(100);
        }
        assert.equal(await statusOf(name, await issue(attacked.instanceKey)), 401);
      }));
      const allowed = functionNames.length * (1 + Math.ceil(elapsed() / coolDown));
      assert.ok(endpoint.fetches <= allowed, `${endpoint.fetches} fetches in ${elapsed()} s`);
    });
  });
});
