import { createClerkClient } from "@clerk/backend";
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { signingSecret } from "../support/svix/deliveries.ts";
import { instanceId, instanceKey, secretKey, startReceiver } from "./running_double.ts";

const main = new URL("../../local/clerk/main.ts", import.meta.url).pathname;
const config = new URL("../../deno.json", import.meta.url).pathname;

/** Runs `main.ts` with only these variables. */
function spawn(env: Record<string, string>): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--config", config, main],
    clearEnv: true,
    env: { ...inherited(), ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** What Deno itself needs to find its cache. */
function inherited(): Record<string, string> {
  const names = ["HOME", "PATH", "DENO_DIR", "XDG_CACHE_HOME", "DENO_TLS_CA_STORE"];
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = Deno.env.get(name);
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

async function environment(database: string): Promise<Record<string, string>> {
  const { privateKeyPem } = await instanceKey();
  return {
    CLERK_DOUBLE_PORT: "0",
    CLERK_DOUBLE_DATABASE: database,
    CLERK_SECRET_KEY: secretKey,
    // A PEM on one line, as in environment files.
    CLERK_DOUBLE_PRIVATE_KEY: privateKeyPem.replaceAll("\n", "\\n"),
    CLERK_INSTANCE_ID: instanceId,
  };
}

/** Waits for the one line that says where it listens. Nothing may follow it. */
async function readyAt(child: Deno.ChildProcess): Promise<{ url: string; rest: Promise<string> }> {
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  while (!text.includes("\n")) {
    const { value, done } = await reader.read();
    if (done) throw new Error(`It ended before it was ready: ${text}`);
    text += value;
  }
  const url = /^listening on (http:\/\/127\.0\.0\.1:\d+)\n$/.exec(text)?.[1];
  assert.ok(url, text);
  const rest = (async () => {
    let more = "";
    for (;;) {
      const { value, done } = await reader.read();
      if (done) return more;
      more += value;
    }
  })();
  return { url, rest };
}

Deno.test("main.ts says where it listens, delivers, and stops cleanly on SIGTERM", async () => {
  const directory = await Deno.makeTempDir();
  await using receiver = startReceiver((number) =>
    new Response(null, { status: number === 0 ? 500 : 200 })
  );
  const env = {
    ...await environment(`${directory}/clerk.sqlite`),
    CLERK_WEBHOOK_URL: receiver.url,
    CLERK_WEBHOOK_SECRET: signingSecret,
    CLERK_DOUBLE_RETRY_SCHEDULE: "5, 5",
    CLERK_DOUBLE_ISSUER: "https://clerk.example.com",
  };
  let userId = "";
  {
    const child = spawn(env);
    const { url, rest } = await readyAt(child);
    const clerk = createClerkClient({ secretKey, apiUrl: url });
    const user = await clerk.users.createUser({ firstName: "Ada" });
    userId = user.id;
    await eventually("a second attempt", () => receiver.received.length === 2);
    const discovery = await fetch(`${url}/.well-known/openid-configuration`);
    assert.match(await discovery.text(), /"issuer":"https:\/\/clerk\.example\.com"/);
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
    assert.equal(await rest, "");
    assert.equal(await new Response(child.stderr).text(), "");
  }
  {
    const child = spawn(env);
    const { url, rest } = await readyAt(child);
    const clerk = createClerkClient({ secretKey, apiUrl: url });
    assert.equal((await clerk.users.getUser(userId)).firstName, "Ada");
    child.kill("SIGTERM");
    assert.equal((await child.status).code, 0);
    await rest;
    await child.stderr.cancel();
  }
  await Deno.remove(directory, { recursive: true });
});

Deno.test("the next main.ts delivers what a killed one did not", async () => {
  const directory = await Deno.makeTempDir();
  await using receiver = startReceiver((number) =>
    new Response(null, { status: number === 0 ? 500 : 200 })
  );
  const env = {
    ...await environment(`${directory}/clerk.sqlite`),
    CLERK_WEBHOOK_URL: receiver.url,
    CLERK_WEBHOOK_SECRET: signingSecret,
    CLERK_DOUBLE_RETRY_SCHEDULE: "1000",
  };
  for (const run of ["killed", "next"]) {
    const child = spawn(env);
    const { url, rest } = await readyAt(child);
    if (run === "killed") {
      const clerk = createClerkClient({ secretKey, apiUrl: url });
      await clerk.users.createUser({});
      await eventually("the failed attempt", () => receiver.received.length === 1);
    } else {
      await eventually("the delivery", () => receiver.received.length === 2);
    }
    child.kill("SIGKILL");
    await child.status;
    await rest;
    await child.stderr.cancel();
  }
  const ids = receiver.received.map(({ headers }) => headers.get("svix-id"));
  assert.equal(ids[0], ids[1]);
  await Deno.remove(directory, { recursive: true });
});

Deno.test("main.ts names what is wrong with its environment", async () => {
  const { CLERK_SECRET_KEY: _missing, ...env } = await environment(":memory:");
  const { code, stderr, stdout } = await spawn({ ...env, CLERK_DOUBLE_RETRY_SCHEDULE: "soon" })
    .output();
  const text = new TextDecoder().decode(stderr);
  assert.equal(code, 1);
  assert.match(text, /CLERK_SECRET_KEY/);
  assert.match(text, /CLERK_DOUBLE_RETRY_SCHEDULE/);
  assert.equal(stdout.length, 0);
});
