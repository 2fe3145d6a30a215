import assert from "node:assert/strict";
import { readInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { loadKeys } from "../../local/keys/keys.ts";
import { readEnvironment } from "../../local/options.ts";
import { startScratchPostgrest } from "../support/database/scratch_postgrest.ts";
import { startDeployed } from "../support/deploy/deployed_function.ts";
import type { Upload } from "../support/deploy/management_api.ts";
import { clerk, signIn, signUp, withoutWebhooks, withWebhooksTo } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { errorOf } from "../support/stack/supabase.ts";

async function ask(url: string, method: string, token: string) {
  const response = await fetch(url, { method, headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, headers: response.headers, body: await response.json() };
}

/**
 * Sign-up, sync, webhook and deletion, through an application's uploaded functions and the Data API of
 * its database.
 *
 * @param uploads clerk-webhook, users-me and users-sync
 * @param exposed whether the Data API shows the tables
 */
export async function liveThrough(
  [webhook, me, sync]: readonly [Upload, Upload, Upload],
  database: string,
  exposed: boolean,
): Promise<void> {
  const { clerkPrivateKeyPem } = await loadKeys(readEnvironment().directory);
  const { publicJwk } = await readInstanceKey(clerkPrivateKeyPem);
  await using postgrest = await startScratchPostgrest(database, publicJwk);
  const variables = {
    SUPABASE_URL: postgrest.url,
    // Only the stack's gateway knows the secret key.
    SUPABASE_SECRET_KEYS: null,
    SUPABASE_SERVICE_ROLE_KEY: runningStack().SERVICE_ROLE_KEY,
  };
  await using started = new AsyncDisposableStack();
  const [clerkWebhook, usersMe, usersSync] = await Promise.all(
    [webhook, me, sync].map(async (upload) =>
      started.use(await startDeployed(upload, Deno.execPath(), variables))
    ),
  );
  assert.ok(clerkWebhook && usersMe && usersSync);

  const [user, token] = await withoutWebhooks(async () => {
    const user = await signUp();
    return [user, await signIn(user.id)] as const;
  });
  const unknown = await ask(usersMe.url, "GET", token);
  assert.equal(errorOf(unknown).code, "user_not_found", JSON.stringify(unknown.body));
  const created = await ask(usersSync.url, "POST", token);
  assert.equal(created.status, 201, JSON.stringify(created.body));

  await withWebhooksTo(clerkWebhook.url, async () => {
    await clerk().users.updateUser(user.id, { lastName: "King" });
  });
  const changed = await ask(usersMe.url, "GET", token);
  assert.equal(changed.body.user.last_name, "King");
  if (exposed) {
    const headers = { authorization: `Bearer ${token}` };
    const response = await postgrest.fetch("users?select=last_name", { headers });
    assert.deepEqual(await response.json(), [{ last_name: "King" }]);
  }

  await withWebhooksTo(clerkWebhook.url, async () => {
    await clerk().users.deleteUser(user.id);
  });
  assert.equal(errorOf(await ask(usersMe.url, "GET", token)).code, "user_inactive");
}
