import assert from "node:assert/strict";
import { projectUrl } from "../../cli/hosted/supabase.ts";
import { handledEvents } from "../../cli/handled_events.ts";
import { runCli } from "../support/application/cli.ts";
import { canaries, ref, withEmptyProject } from "./deploy_project.ts";
import { assertNoSecret, runDeploy, withoutCli } from "./deploy_run.ts";

const steps = [
  "Supabase project",
  "Clerk instance",
  "migrations",
  "functions",
  "functions' secrets",
  "third-party auth",
  "role claim",
  "webhook endpoint",
  "signing secret",
  "webhook switched on",
];

Deno.test("deploy brings an empty project live, and a second run changes nothing", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, clerk, gateway } = hosted;
    const first = await runDeploy(hosted);
    assert.ok(first.ok, first.output + first.errors);
    assert.deepEqual(Object.keys(first.states), [...steps, "doctor"]);
    assert.deepEqual(Object.values(first.states).slice(2, 6), Array(4).fill("done"));
    assert.deepEqual(Object.values(first.states).slice(7, 10), Array(3).fill("done"));
    assert.equal(first.errors, "");
    assert.deepEqual(management.unknown, []);
    const slugs = management.uploads.map(({ slug }) => slug).sort();
    assert.deepEqual(slugs, ["clerk-reconcile", "clerk-webhook", "users-me", "users-sync"]);
    assert.deepEqual(
      management.integrations.map(({ oidc_issuer_url: issuer }) => issuer),
      [hosted.clerkUrl],
    );
    const endpoint = clerk.endpoint();
    const address = `${gateway.url}/functions/v1/clerk-webhook?forceFunctionRegion=eu-central-1`;
    assert.equal(endpoint.url, address);
    assert.equal(endpoint.disabled, false);
    assert.deepEqual(endpoint.event_types, handledEvents);
    assert.equal(management.secrets.get("CLERK_WEBHOOK_SECRET"), endpoint.secrets[0]);
    assert.equal(management.secrets.get("CLERK_SECRET_KEY"), canaries.secretKey);

    const before = structuredClone([
      [...management.secrets],
      management.integrations,
      clerk.endpoint(),
    ]);
    const second = await runDeploy(hosted);
    assert.ok(second.ok, second.output + second.errors);
    const again = Object.entries(second.states).filter(([, state]) => state !== "already so");
    assert.deepEqual(again, [["functions", "done"], ["role claim", "not known"]]);
    assert.deepEqual([[...management.secrets], management.integrations, clerk.endpoint()], before);
  });
});

Deno.test("the commands take their settings from the environment, and end with 1 if a step fails", async () => {
  await withEmptyProject(async (hosted) => {
    const run = (name: string, ...args: string[]) =>
      runCli(name, hosted.folder, ["--project-ref", ref, ...args], {
        // This process has those of the stack.
        environment: { CLERK_INSTANCE_ID: "", CLERK_JWT_KEY: "", ...hosted.environment },
      });
    const live = await run("deploy");
    assert.equal(live.code, 0, live.output + live.errors);
    const rotated = await run("rotate");
    assert.equal(rotated.code, 0, rotated.output + rotated.errors);
    assert.equal(hosted.clerk.endpoint().secrets.length, 2);
    const again = await run("replay", "--since", "1h");
    assert.equal(again.code, 0, again.errors);
    hosted.management.faults.set([{ route: `GET /${ref}`, status: 500 }]);
    const failed = await run("deploy", "--dry-run");
    assert.equal(failed.code, 1);
    assert.match(failed.errors, /^Supabase project: Supabase fails \(500\)\.\n/);
    for (const { output, errors } of [live, rotated, again, failed]) {
      assertNoSecret(hosted, output + errors);
    }
  });
});

Deno.test("deploy and its dry run stop at a database that the preflight refuses, with nothing changed", async () => {
  const inTheWay = `create table public.users (clerk_id text);
    insert into public.users values ('user_1'), ('user_1');`;
  await withEmptyProject(async (hosted) => {
    for (const dryRun of [true, false]) {
      const { ok, states, errors } = await runDeploy(hosted, { dryRun });
      assert.equal(ok, false);
      assert.equal(states.migrations, "failed");
      assert.match(errors, /^migrations: Clerk's tables cannot be set up/);
      assert.equal(states.functions, "not reached");
    }
    assert.deepEqual([hosted.management.uploads, hosted.management.secrets.size], [[], 0]);
  }, inTheWay);
});

Deno.test("a webhook never goes to the address of a stack on this machine", () => {
  const environment = { SUPABASE_URL: "http://127.0.0.1:54321" };
  assert.equal(projectUrl(environment, ref, false), `https://${ref}.supabase.co`);
});

Deno.test("a dry run says what deploy would do, and changes nothing anywhere", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, clerk } = hosted;
    const { ok, states, output } = await runDeploy(hosted, { dryRun: true, sources: false });
    assert.ok(ok, output);
    assert.deepEqual(Object.keys(states), steps);
    const would = Object.entries(states).flatMap(([name, state]) =>
      state === "would do" ? name : []
    );
    assert.deepEqual(would, [...steps.slice(2, 6), ...steps.slice(7)]);
    assert.match(output, /applies \d+ migrations/);
    assert.match(output, /deploys clerk-webhook, .*, one file each/);
    assert.deepEqual([management.uploads, [...management.secrets], management.integrations], [
      [],
      [],
      [],
    ]);
    assert.equal(clerk.endpoint().url, null);
    const changing = management.requests.filter(({ method }) => method !== "GET");
    assert.deepEqual(changing, []);
    const afterwards = await runDeploy(hosted);
    assert.equal(afterwards.states.migrations, "done");
  });
});

Deno.test("deploy takes over an endpoint that was made by hand, and leaves others alone", async () => {
  await withEmptyProject(async (hosted) => {
    const { clerk, gateway, management } = hosted;
    const secrets = ["whsec_bWFkZSBieSBoYW5kIGluIHRoZSBkYXNoYm9hcmQ="];
    clerk.setEndpoint({
      url: `${gateway.url}/functions/v1/clerk-webhook`,
      secrets,
      event_types: null,
    });
    const { ok, output, states } = await runDeploy(hosted, withoutCli);
    assert.ok(ok, output);
    assert.match(output, /takes over the one that was made by hand/);
    assert.equal(states["webhook endpoint"], "already so");
    assert.deepEqual(clerk.endpoint().event_types, handledEvents);
    assert.match(clerk.endpoint().url ?? "", /\?forceFunctionRegion=eu-central-1$/);
    assert.deepEqual(clerk.endpoint().secrets, secrets);
    assert.equal(management.secrets.get("CLERK_WEBHOOK_SECRET"), secrets[0]);
  });
});

Deno.test("deploy never takes a variable that has the secret of another endpoint", async () => {
  await withEmptyProject(async (hosted) => {
    const { clerk, management } = hosted;
    const other = "whsec_YW5vdGhlciBlbmRwb2ludCBvZiB0aGUgYXBw";
    clerk.setEndpoint({ url: "https://example.com/api/clerk", secrets: [other], disabled: true });
    management.secrets.set("CLERK_WEBHOOK_SECRET", other);
    const { ok, output } = await runDeploy(hosted, withoutCli);
    assert.ok(ok, output);
    assert.equal(management.secrets.get("CLERK_WEBHOOK_SECRET"), other);
    assert.match(management.secrets.get("CLERK_WEBHOOK_SIGNING_SECRET") ?? "", /^whsec_/);
    assert.equal(clerk.endpoint().url, "https://example.com/api/clerk");
    assert.equal(clerk.endpoint().disabled, true);
  });
});

Deno.test("deploy switches a disabled endpoint on, and names the way to what it missed", async () => {
  await withEmptyProject(async (hosted) => {
    await runDeploy(hosted, withoutCli);
    hosted.clerk.setEndpoint({ disabled: true });
    const { ok, states, output } = await runDeploy(hosted, withoutCli);
    assert.ok(ok);
    assert.equal(states["webhook switched on"], "done");
    assert.match(output, /replay --since/);
    assert.equal(hosted.clerk.endpoint().disabled, false);
  });
});

Deno.test("no delivery meets a function that does not know the secret", async () => {
  await withEmptyProject(async (hosted) => {
    const { clerk, management } = hosted;
    const states: boolean[] = [];
    management.onSecrets = () => {
      if (management.secrets.has("CLERK_WEBHOOK_SECRET")) states.push(clerk.endpoint().disabled);
      return Promise.resolve();
    };
    assert.ok((await runDeploy(hosted, withoutCli)).ok);
    assert.deepEqual(states, [true]);
    assert.equal(clerk.endpoint().disabled, false);
  });
});
