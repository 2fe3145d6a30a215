import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { join } from "node:path";
import { generateKeys, loadKeys } from "../../local/keys/keys.ts";
import { withFolder } from "./temporary.ts";

Deno.test("loadKeys() makes the keys once, in a file that only the owner can read", async () => {
  await withFolder(async (folder) => {
    const made = await loadKeys(folder);
    assert.deepEqual(await loadKeys(folder), made);
    const { mode } = await Deno.stat(join(folder, "keys.json"));
    assert.equal((mode ?? 0) & 0o777, 0o600);
  });
});

Deno.test("loadKeys() names a file with other contents", async () => {
  await withFolder(async (folder) => {
    for (const text of ["", "{", "{}"]) {
      await Deno.writeTextFile(join(folder, "keys.json"), text);
      await assert.rejects(
        loadKeys(folder),
        /keys\.json does not hold the stack's keys\. Start over with: deno task start --fresh$/,
      );
      const made = await loadKeys(folder, true);
      assert.deepEqual(await loadKeys(folder, true), made);
    }
  });
});

Deno.test("generateKeys() makes new keys each time, in the forms of Clerk and Supabase", async () => {
  const [one, other] = await Promise.all([generateKeys(), generateKeys()]);
  for (const name of Object.keys(one) as (keyof typeof one)[]) {
    assert.notEqual(one[name], other[name], name);
  }
  assert.match(one.publishableKey, /^sb_publishable_\w{32}$/);
  assert.match(one.secretKey, /^sb_secret_\w{32}$/);
  assert.match(one.clerkSecretKey, /^sk_test_\w{42}$/);
  assert.ok(Uint8Array.fromBase64(one.clerkWebhookSecret.replace("whsec_", "")).length >= 24);
});

Deno.test("the legacy API keys are JWTs with their role, signed with the JWT secret", async () => {
  const { anonKey, serviceRoleKey, jwtSecret } = await generateKeys();
  for (const [key, role] of [[anonKey, "anon"], [serviceRoleKey, "service_role"]] as const) {
    const [header = "", claims = "", signature] = key.split(".");
    const expected = createHmac("sha256", jwtSecret).update(`${header}.${claims}`)
      .digest("base64url");
    assert.equal(signature, expected);
    const { iss, role: claimed, exp } = JSON.parse(atob(claims));
    assert.equal(iss, "supabase-local");
    assert.equal(claimed, role);
    assert.ok(exp > Date.now() / 1000 + 365 * 24 * 60 * 60);
  }
});
