import { createClerkClient } from "@clerk/backend";
import assert from "node:assert/strict";
import { eventually } from "../support/eventually.ts";
import { canaries, type HostedProject, withEmptyProject } from "./deploy_project.ts";
import { runDeploy, runRotate, withoutCli } from "./deploy_run.ts";

/** Signs users up while something goes on, one after the other. Returns how many. */
async function underDeliveries(hosted: HostedProject, run: () => Promise<void>): Promise<number> {
  const api = createClerkClient({ secretKey: canaries.secretKey, apiUrl: hosted.clerkUrl });
  let users = 0;
  let ended = false;
  const signUps = (async () => {
    while (!ended) {
      await api.users.createUser({});
      users++;
    }
  })();
  try {
    await run();
  } finally {
    ended = true;
    await signUps;
  }
  await eventually("every delivery", () => hosted.clerk.messages.counts().pending === 0);
  return users;
}

/** The status of every attempt. */
function statuses({ clerk }: HostedProject): (number | null)[] {
  return clerk.messages.list({ limit: 1_000 })
    .flatMap(({ attempts }) => attempts.map(({ status }) => status));
}

Deno.test("a rotation refuses no delivery, whichever secrets a running function has", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, clerk } = hosted;
    assert.ok((await runDeploy(hosted)).ok);
    await hosted.boot();
    const [old] = clerk.endpoint().secrets;
    assert.ok(old);
    // Each value that is set starts a function beside those that have an earlier one.
    management.onSecrets = hosted.boot;
    const users = await underDeliveries(hosted, async () => {
      const begun = await runRotate(hosted);
      assert.ok(begun.ok, begun.output + begun.errors);
      const [next, ...others] = clerk.endpoint().secrets;
      assert.deepEqual(others, [old]);
      assert.equal(management.secrets.get("CLERK_WEBHOOK_SECRET"), `${next} ${old}`);
      const finished = await runRotate(hosted, { finish: true });
      assert.ok(finished.ok, finished.output + finished.errors);
      assert.equal(management.secrets.get("CLERK_WEBHOOK_SECRET"), next);
    });
    assert.ok(users > 20, `only ${users} users signed up meanwhile`);
    assert.deepEqual([...new Set(statuses(hosted))], [200]);
    assert.equal(statuses(hosted).length, users);
  });
});

Deno.test("a rotation that breaks off refuses nothing, and another run completes it", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, clerk } = hosted;
    await runDeploy(hosted, withoutCli);
    const { secrets: [old = ""] } = clerk.endpoint();
    const faults = [{ route: "POST /api/v1/app/*/secret/rotate", status: 500 }];
    await hosted.clerkFaults(faults);
    const broken = await runRotate(hosted);
    assert.equal(broken.ok, false);
    assert.equal(broken.states["Svix signs with both"], "failed");
    assert.match(broken.errors, /^Svix signs with both: Svix fails \(500\)\.\nRun it again later/);
    assert.deepEqual(clerk.endpoint().secrets, [old]);
    assert.ok(management.secrets.get("CLERK_WEBHOOK_SECRET")?.endsWith(` ${old}`));
    await hosted.clerkFaults([]);
    assert.ok((await runRotate(hosted)).ok);
    const { secrets } = clerk.endpoint();
    assert.equal(management.secrets.get("CLERK_WEBHOOK_SECRET"), secrets.join(" "));
    assert.equal(secrets.length, 2);
  });
});

Deno.test("a dry run of a rotation changes nothing", async () => {
  await withEmptyProject(async (hosted) => {
    await runDeploy(hosted, withoutCli);
    const before = [[...hosted.management.secrets], hosted.clerk.endpoint()];
    const { ok, states } = await runRotate(hosted, { dryRun: true });
    assert.ok(ok);
    assert.equal(states["functions take both secrets"], "would do");
    assert.deepEqual([[...hosted.management.secrets], hosted.clerk.endpoint()], before);
    const finish = await runRotate(hosted, { finish: true });
    assert.equal(finish.states["functions take only the new secret"], "already so");
  });
});

Deno.test("a rotation without an endpoint says to deploy first", async () => {
  await withEmptyProject(async (hosted) => {
    const { ok, errors } = await runRotate(hosted);
    assert.equal(ok, false);
    assert.match(errors, /The webhook has no endpoint in Clerk\.\nRun deploy first/);
  });
});
