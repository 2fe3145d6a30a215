/** `start --clerk`: a double outside the stack acts as the developer's own instance. */
import assert from "node:assert/strict";
import { cp } from "node:fs/promises";
import { join } from "node:path";
import { askDouble } from "../../local/clerk/control/client.ts";
import { type ClerkDouble, createClerkDouble } from "../../local/clerk/double.ts";
import { generateInstanceKey, readInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { listen } from "../../local/clerk/listen.ts";
import { loadKeys } from "../../local/keys/keys.ts";
import { checkout } from "../../local/options.ts";
import { begin, fails, type Place, placeIn, run } from "../support/commands.ts";
import { eventually } from "../support/eventually.ts";
import { deadAddress, serveLoopback } from "../support/loopback_server.ts";
import {
  clerk,
  signClaims,
  signIn,
  signUp,
  webhooksSettled,
  withoutWebhooks,
} from "../support/stack/clerk.ts";
import { withOwnStack } from "../support/stack/own_stack.ts";
import { runningStack, useStack } from "../support/stack/running_stack.ts";
import { callWithToken, errorOf, frontend, readRow } from "../support/stack/supabase.ts";
import { makeUsedFolder } from "../support/stack/used_folder.ts";
import { signingSecret } from "../support/svix/deliveries.ts";
import { withFolder } from "./temporary.ts";

type Instance = { url: string; secretKey: string; id: string; double: ClerkDouble };

/** Runs with a Clerk instance that listens on a port of its own. */
async function withInstance(test: (instance: Instance) => Promise<void>, name = "Mine") {
  const secretKey = `sk_test_0123456789${name}`;
  const id = `ins_${name}`;
  const double = createClerkDouble({ secretKey, instanceId: id, key: await generateInstanceKey() });
  const server = listen(double, 0);
  try {
    await test({ url: `http://127.0.0.1:${server.addr.port}`, secretKey, id, double });
  } finally {
    await server.shutdown();
    await double.close();
  }
}

/** A copy of the checkout that has its own `supabase/functions/.env`. */
async function makeProject(project: string): Promise<void> {
  for (const name of ["supabase", "local", "import_map.json", "deno.json", "deno.lock"]) {
    await cp(join(checkout, name), join(project, name), {
      recursive: true,
      filter: (source) => !/\/\.[^/]*$/.test(source),
    });
  }
  await Deno.mkdir(join(project, ".local"));
  await Deno.symlink(join(checkout, ".local", "binaries"), join(project, ".local", "binaries"));
}

async function writeSecrets(project: string, variables: Record<string, string>): Promise<void> {
  const lines = Object.entries(variables).map(([name, value]) => `${name}=${value}\n`);
  await Deno.writeTextFile(join(project, "supabase", "functions", ".env"), lines.join(""));
}

function secretsOf({ url, secretKey }: Instance): Record<string, string> {
  return { CLERK_API_URL: url, CLERK_SECRET_KEY: secretKey };
}

/** Sends the instance's events to a stack. */
function sendWebhooks({ double }: Instance, apiUrl: string): void {
  double.setEndpoint({
    url: `${apiUrl}/functions/v1/clerk-webhook`,
    secrets: [signingSecret],
    retry_schedule_ms: [100, 200, 400, 800, 1600],
  });
}

/** A session token that opens the Data API and lives an hour. */
function rowToken(sub: string): Promise<string> {
  const now = Math.floor(Date.now() / 1000);
  return signClaims({ sub, role: "authenticated", iat: now, nbf: now, exp: now + 3600 });
}

/** What the Data API answers to a user who asks for all rows: their ids, or the error's code. */
async function readThroughApi(token: string): Promise<unknown> {
  const { data, error } = await frontend(token).from("users").select("clerk_id");
  return error === null ? data.map(({ clerk_id }) => clerk_id) : error.code;
}

Deno.test("the main job works with an instance outside the stack", async (test) => {
  await withFolder((folder) =>
    withInstance(async (instance) => {
      const project = join(folder, "project");
      await makeProject(project);
      await writeSecrets(project, { ...secretsOf(instance), CLERK_WEBHOOK_SECRET: signingSecret });
      await withOwnStack({ project, ownClerk: true }, async ({ stack }) => {
        const { API_URL } = stack.values;
        sendWebhooks(instance, API_URL);

        await test.step("the stack has the instance's values and no double", () => {
          assert.equal(stack.clerk, undefined);
          assert.equal(stack.values.CLERK_API_URL, instance.url);
          assert.equal(stack.values.CLERK_SECRET_KEY, instance.secretKey);
          assert.equal(stack.values.CLERK_WEBHOOK_SECRET, signingSecret);
          assert.equal(stack.values.CLERK_INSTANCE_ID, instance.id);
          assert.match(stack.values.CLERK_JWT_KEY, /^-----BEGIN PUBLIC KEY-----\\n/);
          using _free = Deno.listen({
            hostname: "127.0.0.1",
            port: Number(new URL(API_URL).port) + 3,
          });
        });

        const ada = await signUp();
        const token = await rowToken(ada.id);
        await test.step("a webhook of the instance's endpoint writes the row", async () => {
          await webhooksSettled();
          assert.equal((await readRow(ada.id))?.first_name, "Ada");
        });

        await test.step("the console shows the deliveries, compares when asked, and changes nothing in Clerk", async () => {
          const { CONSOLE_URL } = stack.values;
          const act = (action: unknown) =>
            fetch(`${CONSOLE_URL}/actions`, {
              method: "POST",
              headers: { "content-type": "application/json", origin: CONSOLE_URL },
              body: JSON.stringify(action),
            });
          const refused = await act({ action: "delete_user", id: ada.id });
          assert.equal(refused.status, 422);
          assert.deepEqual(await refused.json(), { message: "Only the double can do this" });
          assert.deepEqual(await (await act({ action: "compare" })).json(), {
            message: "Compared",
          });
          const events = await fetch(`${CONSOLE_URL}/events`);
          let shown = "";
          for await (const text of events.body?.pipeThrough(new TextDecoderStream()) ?? []) {
            shown += text;
            if (/"type":"user.created"/.test(shown) && /"state":"agree"/.test(shown)) break;
          }
          assert.match(shown, /"double":false/);
          assert.match(shown, /"users":\[\]/);
        });

        await test.step("users-sync and users-me serve a user whose webhook never came", async () => {
          const fresh = await withoutWebhooks(async () =>
            await signIn((await signUp({ firstName: "Grace" })).id)
          );
          assert.equal((await callWithToken("users-sync", fresh)).status, 201);
          assert.equal((await callWithToken("users-me", fresh, "GET")).status, 200);
        });

        await test.step("users read only their own row through the Data API", async () => {
          assert.deepEqual(await readThroughApi(token), [ada.id]);
        });

        await test.step("a token of the double with the stack's keys is refused", async () => {
          const keys = await loadKeys(stack.directory);
          const own = createClerkDouble({
            secretKey: keys.clerkSecretKey,
            instanceId: keys.clerkInstanceId,
            key: await readInstanceKey(keys.clerkPrivateKeyPem),
          });
          const server = listen(own, 0);
          const values = {
            ...stack.values,
            CLERK_API_URL: `http://127.0.0.1:${server.addr.port}`,
            CLERK_SECRET_KEY: keys.clerkSecretKey,
          };
          const used = useStack(values);
          const foreign = await rowToken(ada.id).finally(() => used[Symbol.dispose]());
          await server.shutdown();
          await own.close();
          assert.equal((await callWithToken("users-me", foreign)).status, 401);
          assert.equal(await readThroughApi(foreign), "PGRST301");
        });

        await test.step("the Data API takes the instance's tokens while Clerk is down", async () => {
          const fault = { route: "* /v1/*", connection: "broken" };
          assert.ok((await askDouble(runningStack(), "PUT", "faults", { faults: [fault] })).ok);
          await stack.postgrest.restart();
          assert.deepEqual(await readThroughApi(token), [ada.id]);
          assert.equal((await callWithToken("users-me", token)).status, 200);
          assert.ok((await askDouble(runningStack(), "PUT", "faults", { faults: [] })).ok);
        });

        await test.step("a deletion at the instance makes the row inactive", async () => {
          await clerk().users.deleteUser(ada.id);
          await webhooksSettled();
          assert.equal((await readRow(ada.id))?.is_active, false);
          assert.equal(errorOf(await callWithToken("users-me", token)).code, "user_inactive");
        });
      });
    })
  );
});

/** Runs with a place whose project is a copy of the checkout. */
async function withProject(test: (place: Place, project: string) => Promise<void>) {
  await withFolder(async (folder) => {
    const project = join(folder, "project");
    await makeProject(project);
    await test(placeIn(join(folder, "local"), { project }), project);
  });
}

const help = "of your Clerk development instance \\(sk_test_…; in Clerk: Configure, API keys\\)";

Deno.test("start --clerk says in one line what is wrong with the instance's settings", () =>
  withProject((place, project) =>
    withInstance(async (instance) => {
      const says = (line: string) => fails(place, new RegExp(`^${line}\\n$`), ["start", "--clerk"]);
      await says(
        "There is no supabase/functions/\\.env\\. Copy \\.env\\.example to it and fill in " +
          `CLERK_SECRET_KEY, the secret key ${help}`,
      );
      const dead = deadAddress();
      await using stranger = serveLoopback(() => Response.json({}));
      const secrets = secretsOf(instance);
      const cases: [variables: Record<string, string>, line: string][] = [
        [
          { CLERK_SECRET_KEY: "" },
          `supabase/functions/\\.env has no CLERK_SECRET_KEY\\. Fill in the secret key ${help}`,
        ],
        [
          { CLERK_SECRET_KEY: "sk_live_0123456789" },
          "CLERK_SECRET_KEY in supabase/functions/\\.env is a production key \\(sk_live_…\\), which " +
          `would bring the data of real users onto this machine\\. Use the secret key ${help}`,
        ],
        [
          { CLERK_SECRET_KEY: "pk_test_0123456789" },
          "supabase/functions/\\.env: CLERK_SECRET_KEY must be the instance's secret key .*",
        ],
        [
          { ...secrets, CLERK_API_URL: "clerk.example" },
          "supabase/functions/\\.env: CLERK_API_URL must be an http or https address",
        ],
        [
          { ...secrets, CLERK_WEBHOOK_SECRET: "whsec_short" },
          "supabase/functions/\\.env: CLERK_WEBHOOK_SECRET must be the endpoint's signing secret .*",
        ],
        [
          { ...secrets, CLERK_SECRET_KEY: "sk_test_another" },
          "Clerk refused CLERK_SECRET_KEY in supabase/functions/\\.env\\. Copy the key again " +
          "\\(in Clerk: Configure, API keys\\)",
        ],
        [
          { ...secrets, CLERK_API_URL: dead },
          `Clerk cannot be reached at ${dead}\\. Check the network, and CLERK_API_URL in ` +
          "supabase/functions/\\.env if it is set",
        ],
        [
          { ...secrets, CLERK_API_URL: stranger.url },
          `${stranger.url} does not answer as Clerk does\\. Check CLERK_API_URL in ` +
          "supabase/functions/\\.env",
        ],
      ];
      for (const [variables, line] of cases) {
        await writeSecrets(project, variables);
        await says(line);
      }

      await writeSecrets(project, secrets);
      const misbehave = (fault: Record<string, unknown>) =>
        askDouble(
          { CLERK_API_URL: instance.url, CLERK_SECRET_KEY: instance.secretKey },
          "PUT",
          "faults",
          { faults: [{ route: "* /v1/jwks", ...fault }] },
        ).then((answer) => assert.ok(answer.ok));
      await misbehave({ status: 503 });
      await says(`Clerk cannot be reached at ${instance.url} \\(HTTP 503\\)\\. Check .*`);
      await misbehave({ status: 429, retry_after: 7 });
      await says("Clerk's rate limit is reached\\. Start again in 7 s");
    })
  ));

Deno.test("start --clerk --once is refused before anything starts", async () => {
  await withFolder((folder) =>
    fails(
      placeIn(join(folder, "local")),
      /^--once signs a user up and deletes it again, so it runs with the double only\. Leave --clerk out\n$/,
      ["start", "--clerk", "--once"],
    )
  );
});

Deno.test("start --clerk says how webhooks come, and takes their secret without a restart", () =>
  withProject((place, project) =>
    withInstance(async (instance) => {
      await writeSecrets(project, secretsOf(instance));
      const start = begin("start", place, "--clerk");
      await start.says(/^ready$/m);
      const { output } = await run("status", place, "-o", "json");
      using _used = useStack({ ...JSON.parse(output), CLERK_WEBHOOK_SECRET: signingSecret });
      const { API_URL } = runningStack();
      const shown = start.output();
      assert.ok(shown.includes(
        `\n  npx -y clerk@3.3.0 webhooks listen --forward-to ${API_URL}/functions/v1/clerk-webhook\n`,
      ));
      assert.match(shown, /CLERK_WEBHOOK_SECRET is missing, so every webhook is refused\./);
      assert.ok(
        !shown.includes(instance.secretKey),
        "the instance's key stays out of the terminal",
      );
      const lines = (await run("status", place)).output.split("\n");
      assert.ok(lines.includes(`CLERK_API_URL=${instance.url}`));
      assert.ok(lines.includes(`CLERK_SECRET_KEY=${instance.secretKey}`));
      assert.ok(lines.includes("CLERK_WEBHOOK_SECRET="));

      sendWebhooks(instance, API_URL);
      await writeSecrets(project, { ...secretsOf(instance), CLERK_WEBHOOK_SECRET: signingSecret });
      await start.says(/^clerk-webhook reloaded$/m);
      const { id } = await signUp();
      await eventually("the webhook has written the row", async () => await readRow(id) !== null);

      await writeSecrets(project, {
        ...secretsOf(instance),
        CLERK_SECRET_KEY: "sk_test_new",
        CLERK_WEBHOOK_SECRET: signingSecret,
      });
      await start.says(/^supabase\/functions\/\.env: CLERK_SECRET_KEY has changed\. Restart the /m);
      const row = await callWithToken("users-sync", await signIn(id));
      assert.equal(row.status, 200, "the instance of the start is still used");
      await writeSecrets(project, { ...secretsOf(instance), CLERK_WEBHOOK_SECRET: signingSecret });

      start.signal("SIGTERM");
      assert.equal((await start.finished).code, 0);
      const again = begin("start", place, "--clerk");
      await again.says(/^ready$/m);
      assert.ok(!again.output().includes("CLERK_WEBHOOK_SECRET is missing"));
      again.signal("SIGTERM");
      assert.equal((await again.finished).code, 0);
    })
  ));

Deno.test("the data of the double and of each instance stay apart", () =>
  withProject((place, project) =>
    withInstance((mine) =>
      withInstance(async (other) => {
        const use = async (...options: string[]) => {
          const start = begin("start", place, ...options);
          await start.says(/^ready$/m);
          start.signal("SIGTERM");
          assert.equal((await start.finished).code, 0);
        };
        const refuses = (line: string, ...options: string[]) =>
          fails(
            place,
            new RegExp(
              `^The data in ${place.directory} belongs to ${line}, or choose another folder with LOCAL_DIR\\n$`,
            ),
            ["start", ...options],
          );
        const startOver = "Start over with: deno task start --clerk --fresh";
        // A stack has run there once, with the double.
        await makeUsedFolder(place.directory);
        await writeSecrets(project, secretsOf(mine));
        await refuses(`the Clerk double, not to ${mine.id}\\. ${startOver}`, "--clerk");
        await use("--clerk", "--fresh");
        await use("--clerk");
        await refuses(
          `your Clerk instance ${mine.id}\\. Use it with: deno task start --clerk\\. Or start over ` +
            "with: deno task start --fresh",
        );
        await writeSecrets(project, secretsOf(other));
        await refuses(
          `your Clerk instance ${mine.id}, not to ${other.id}\\. ${startOver}`,
          "--clerk",
        );

        // A start that fails at Clerk leaves the data, even with --fresh.
        await writeSecrets(project, { ...secretsOf(mine), CLERK_API_URL: deadAddress() });
        await fails(place, /^Clerk cannot be reached at /, ["start", "--clerk", "--fresh"]);
        await writeSecrets(project, secretsOf(mine));
        await use("--clerk");
        await use("--fresh");
        await use();
      }, "Other")
    )
  ));
