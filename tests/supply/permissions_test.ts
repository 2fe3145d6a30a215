import assert from "node:assert/strict";
import { z } from "zod";
import {
  discoverFunctions,
  type FunctionConfiguration,
} from "../../local/functions/configuration.ts";
import { specifyFunction } from "../../local/functions/process.ts";
import { checkout } from "../../local/options.ts";
import { eventBody } from "../support/clerk/event_json.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";
import { signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { signedHeaders } from "../support/stack/deliver.ts";
import { runningStack } from "../support/stack/running_stack.ts";

const audited = z.object({ permission: z.string(), value: z.string().nullable() });

/** Starts a function as the stack does, sends it a request and returns the permissions that it used. */
async function audit(configuration: FunctionConfiguration, request: RequestInit) {
  const stack = runningStack();
  const directory = await Deno.makeTempDir();
  const { file, args, environment } = await specifyFunction(configuration, {
    deno: { file: Deno.execPath(), version: Deno.version.deno },
    project: checkout,
    directory,
    environment: () =>
      Promise.resolve({
        SUPABASE_URL: stack.API_URL,
        SUPABASE_SECRET_KEYS: JSON.stringify({ default: stack.SECRET_KEY }),
        CLERK_SECRET_KEY: stack.CLERK_SECRET_KEY,
        CLERK_API_URL: stack.CLERK_API_URL,
        CLERK_WEBHOOK_SECRET: stack.CLERK_WEBHOOK_SECRET,
        CLERK_RECONCILE_KEY: stack.CLERK_RECONCILE_KEY,
      }),
  }).launch();
  const trail = `${directory}/audit.jsonl`;
  const child = new Deno.Command(file, {
    args,
    env: { ...environment, DENO_AUDIT_PERMISSIONS: trail },
    clearEnv: true,
    cwd: directory,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  try {
    let printed = "";
    let status: number | undefined;
    for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
      printed += chunk;
      const address = /^listening on (http:\S+)$/m.exec(printed)?.[1];
      if (!address) continue;
      const response = await fetch(address, request);
      await response.body?.cancel();
      status = response.status;
      break;
    }
    const lines = (await Deno.readTextFile(trail)).trim().split("\n");
    return { args, status, asked: lines.map((line) => audited.parse(JSON.parse(line))) };
  } finally {
    child.kill("SIGKILL");
    await child.status;
    await Deno.remove(directory, { recursive: true });
  }
}

Deno.test("the functions have only the net and env permissions, and reach only Clerk and Supabase", async () => {
  const { API_URL, CLERK_API_URL, CLERK_RECONCILE_KEY } = runningStack();
  const user = await signUp();
  await webhooksSettled();
  const bearer = { authorization: `Bearer ${await signIn(user.id)}` };
  const body = eventBody("user.created", clerkUserJson({ id: user.id }));
  const requests: Readonly<Record<string, RequestInit>> = {
    "users-me": { method: "GET", headers: bearer },
    "users-sync": { method: "POST", headers: bearer },
    "clerk-reconcile": {
      method: "POST",
      headers: { authorization: `Bearer ${CLERK_RECONCILE_KEY}` },
      body: JSON.stringify({ kind: "recent" }),
    },
    "clerk-webhook": { method: "POST", headers: signedHeaders(body), body },
  };
  for (const configuration of await discoverFunctions(checkout)) {
    const { name } = configuration;
    const request = requests[name];
    assert.ok(request, `Add a request for ${name}`);
    const { args, status, asked } = await audit(configuration, request);
    assert.equal(status, 200, name);
    const granted = args.filter((arg) => /^(-A|--allow|--unstable|-[RWENSP]\b)/.test(arg));
    // The first one grants nothing: it only says when a request's signal ends.
    const expected = ["--unstable-no-legacy-abort", "--allow-net", "--allow-env"];
    assert.deepEqual(granted, expected, name);
    assert.deepEqual([...new Set(asked.map(({ permission }) => permission))].sort(), [
      "env",
      "net",
    ], name);
    const reached = asked.filter(({ permission }) => permission === "net")
      .map(({ value }) => URL.parse(value ?? "")?.origin)
      .filter((origin) => origin !== undefined && origin !== "null");
    const allowed = [API_URL, CLERK_API_URL].map((url) => new URL(url).origin);
    assert.deepEqual(reached.filter((origin) => !allowed.includes(origin ?? "")), [], name);
    assert.ok(reached.length > 0, name);
  }
});
