import { createClerkClient } from "@clerk/backend";
import assert from "node:assert/strict";
import type { DeployOptions } from "../../cli/deploy/run.ts";
import { handledEvents } from "../../cli/handled_events.ts";
import type { ManagementFault } from "../support/deploy/management_fault.ts";
import { deadAddress } from "../support/loopback_server.ts";
import { generateInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { canaries, type HostedProject, withEmptyProject } from "./deploy_project.ts";
import { runDeploy, withoutCli } from "./deploy_run.ts";

/** Something that goes wrong, and what the operator must read. */
interface Failure {
  readonly what: string;
  /** The step that fails. */
  readonly step: string;
  readonly says: RegExp;
  readonly supabase?: ManagementFault;
  /** At Clerk, or at Svix behind it. */
  readonly clerk?: Readonly<Record<string, unknown>>;
  readonly environment?: Readonly<Record<string, string>>;
  readonly options?: Partial<DeployOptions>;
  /** Whether it needs the Supabase CLI. The others do without. */
  readonly cli?: true;
  readonly before?: (hosted: HostedProject) => void;
  readonly after?: (hosted: HostedProject) => void;
}

const slow = { options: { timeLimit: 1_000 } };
const later = /fails \(50\d\)\.\nRun it again later\. It goes on where it stopped/;
const blocked = (name: string, status: number) =>
  new RegExp(
    `Something between here and ${name} refused the request \\(${status}\\)\\.\nLet it through`,
  );
const again = /did not answer in time\.\nRun it again/;

/** In the order of the steps, so that each run gets as far as the failure. */
const failures: readonly Failure[] = [
  {
    what: "an access token that Supabase refuses",
    step: "Supabase project",
    environment: { SUPABASE_ACCESS_TOKEN: `sbp_${"0".repeat(40)}` },
    says: /Supabase refused the token \(401\)\.\nCheck SUPABASE_ACCESS_TOKEN/,
  },
  {
    what: "the reference of another project",
    step: "Supabase project",
    options: { projectRef: "zyxwvutsrqponmlkjihg" },
    says: /There is no project zyxwvutsrqponmlkjihg for this token\.\nGive the right one/,
  },
  {
    what: "a paused project",
    step: "Supabase project",
    before: ({ management }) => management.status = "INACTIVE",
    after: ({ management }) => management.status = "ACTIVE_HEALTHY",
    says: /is INACTIVE\.\nOpen https:\/\/supabase\.com\/dashboard\/project\//,
  },
  {
    what: "a slow Supabase",
    step: "Supabase project",
    supabase: { route: "GET /abcdefghijklmnopqrst", delayMs: 3_000 },
    ...slow,
    says: again,
  },
  {
    what: "Supabase's rate limit",
    step: "Supabase project",
    supabase: { route: "GET /abcdefghijklmnopqrst", status: 429, retryAfter: 9 },
    says: /limits the rate of requests\.\nRun it again in 9 s/,
  },
  {
    what: "a firewall's page in place of Supabase's refusal",
    step: "Supabase project",
    supabase: { route: "GET /abcdefghijklmnopqrst", status: 403, page: true },
    says: blocked("Supabase", 403),
  },
  {
    what: "a proxy's page in place of Supabase's knowledge of a project",
    step: "Supabase project",
    supabase: { route: "GET /abcdefghijklmnopqrst", status: 404, page: true },
    says: blocked("Supabase", 404),
  },
  {
    what: "an answer of Supabase that breaks off",
    step: "Supabase project",
    supabase: { route: "GET /abcdefghijklmnopqrst", truncated: true },
    says: /Supabase answered, but not in the form that is known\.\nRun it again/,
  },
  {
    what: "a secret key that Clerk refuses",
    step: "Clerk instance",
    environment: { CLERK_SECRET_KEY: "sk_test_another" },
    says: /Clerk refused the token \(401\)\.\nCopy CLERK_SECRET_KEY again/,
  },
  {
    what: "a firewall's page in place of Clerk's refusal",
    step: "Clerk instance",
    clerk: { route: "GET /v1/instance", status: 401, garbage: "page" },
    says: blocked("Clerk", 401),
  },
  {
    what: "the secret key of another instance",
    step: "Clerk instance",
    environment: { CLERK_INSTANCE_ID: "ins_another" },
    says: /is of another instance: CLERK_INSTANCE_ID is ins_another, but the key's is ins_2g7/,
  },
  {
    what: "the issuer of another instance",
    step: "Clerk instance",
    environment: { CLERK_ISSUER: "https://clerk.example.com" },
    says: /is of another instance: CLERK_ISSUER is https:\/\/clerk\.example\.com/,
  },
  {
    what: "origins that the functions could not read",
    step: "Clerk instance",
    environment: { CLERK_AUTHORIZED_PARTIES: "app.example.com" },
    says: /CLERK_AUTHORIZED_PARTIES must be origins, separated by commas\.\nMend it in the environ/,
  },
  {
    what: "an issuer that the functions could not read",
    step: "Clerk instance",
    environment: { CLERK_ISSUER: "clerk.example.com" },
    says: /CLERK_ISSUER must be an http or https address\.\nMend it in the environment/,
  },
  {
    what: "a public key that the functions could not read",
    step: "Clerk instance",
    environment: { CLERK_JWT_KEY: "pk_test_Y2xlcmsuZXhhbXBsZS5jb20k" },
    says: /CLERK_JWT_KEY must be a public key in PEM \(BEGIN PUBLIC KEY\)\.\nMend it/,
  },
  {
    what: "the public key of another instance",
    step: "Clerk instance",
    environment: { CLERK_JWT_KEY: (await generateInstanceKey()).publicKeyPem },
    says: /CLERK_JWT_KEY is not a key of the instance .*\.\nCopy it again \(in Clerk/,
  },
  {
    what: "a project that an earlier run has put in step with another instance",
    step: "Clerk instance",
    before: ({ management }) => management.secrets.set("CLERK_INSTANCE_ID", "ins_earlier"),
    after: ({ management }) => management.secrets.delete("CLERK_INSTANCE_ID"),
    says:
      /belongs to another Clerk instance than CLERK_SECRET_KEY, which is of ins_2g7.*\n.*Or move/,
  },
  {
    what: "a slow Clerk",
    step: "Clerk instance",
    clerk: { route: "GET /v1/instance", connection: "silent" },
    ...slow,
    says: again,
  },
  {
    what: "a Clerk that cannot be reached",
    step: "Clerk instance",
    environment: { CLERK_API_URL: deadAddress() },
    says: /Clerk cannot be reached\.\nCheck the network/,
  },
  {
    what: "Clerk's rate limit",
    step: "Clerk instance",
    clerk: { route: "GET /v1/domains", status: 429, retry_after: 4 },
    says: /Clerk limits the rate of requests\.\nRun it again in 4 s/,
  },
  {
    what: "a page instead of Clerk's answer",
    step: "Clerk instance",
    clerk: { route: "GET /v1/domains", garbage: "page" },
    says: /Clerk answered, but not in the form that is known/,
  },
  {
    what: "a missing address of the database",
    step: "migrations",
    environment: { DB_CONNECTION_STRING: "" },
    cli: true,
    says: /DB_CONNECTION_STRING is not set\.\nSet it to the database's address/,
  },
  {
    what: "the database of another project",
    step: "migrations",
    environment: {
      DB_CONNECTION_STRING:
        "postgresql://postgres:hidden@db.zyxwvutsrqponmlkjihg.supabase.co/postgres",
    },
    says: /is of the project zyxwvutsrqponmlkjihg, not of abcdefghijklmnopqrst\.\nCopy it again/,
  },
  {
    what: "the database of another project behind a pooler",
    step: "migrations",
    environment: {
      DB_CONNECTION_STRING:
        "postgresql://postgres.zyxwvutsrqponmlkjihg:hidden@aws-0-eu-central-1.pooler.supabase.com/postgres",
    },
    says: /is of the project zyxwvutsrqponmlkjihg, not of abcdefghijklmnopqrst\.\nCopy it again/,
  },
  {
    what: "a database that cannot be reached",
    cli: true,
    step: "migrations",
    environment: {
      DB_CONNECTION_STRING: `postgresql://postgres:hidden@${new URL(deadAddress()).host}/postgres`,
    },
    says: /^migrations: .*\n.*run it again/ms,
  },
  {
    what: "an upload that fails",
    cli: true,
    step: "functions",
    supabase: { route: "POST /functions/deploy", status: 500 },
    says: /The Supabase CLI could not deploy them: .*500/,
  },
  {
    what: "secrets that cannot be set",
    step: "functions' secrets",
    supabase: { route: "POST /secrets", status: 503 },
    says: later,
  },
  {
    what: "a token without the right to change third-party auth",
    step: "third-party auth",
    supabase: { route: "POST /third-party-auth", status: 403 },
    says: /Supabase refused the token \(403\)\.\nCheck SUPABASE_ACCESS_TOKEN, and that its account/,
  },
  {
    what: "a portal that Clerk does not open",
    step: "webhook endpoint",
    clerk: { route: "POST /v1/webhooks/svix_url", status: 502 },
    says: later,
  },
  {
    what: "a token that cannot be exchanged",
    step: "webhook endpoint",
    clerk: { route: "POST /api/v1/auth/one-time-token", status: 401 },
    says: /Svix refused the token \(401\)\.\n.*Clerk may have changed the way there/,
  },
  {
    what: "an exchange that breaks off",
    step: "webhook endpoint",
    clerk: { route: "POST /api/v1/auth/one-time-token", garbage: "truncated" },
    says: /Svix answered, but not in the form that is known/,
  },
  {
    what: "a list of endpoints that fails",
    step: "webhook endpoint",
    clerk: { route: "GET /api/v1/app/*/endpoint", status: 503 },
    says: later,
  },
  {
    what: "Svix' rate limit",
    step: "webhook endpoint",
    clerk: { route: "POST /api/v1/app/*/endpoint", status: 429, retry_after: 2 },
    says: /Svix limits the rate of requests\.\nRun it again in 2 s/,
  },
  {
    what: "a secret that breaks off",
    step: "signing secret",
    clerk: { route: "GET /api/v1/app/*/secret", garbage: "truncated" },
    says: /Svix answered, but not in the form that is known/,
  },
  {
    what: "a signing secret that cannot be set",
    step: "signing secret",
    supabase: { route: "POST /secrets", status: 500 },
    says: later,
  },
  {
    what: "a slow Svix",
    step: "webhook switched on",
    clerk: { route: "PATCH /api/v1/app/*", connection: "silent" },
    options: { timeLimit: 3_000 },
    says: again,
  },
];

Deno.test("each failure names its step and the way on, and the next run goes on from there", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, clerk } = hosted;
    for (const { what, step, says, ...failure } of failures) {
      management.faults.set(failure.supabase ? [failure.supabase] : []);
      await hosted.clerkFaults(failure.clerk ? [failure.clerk] : []);
      failure.before?.(hosted);
      const environment = { ...hosted.environment, ...failure.environment };
      const { ok, states, output, errors } = await runDeploy(hosted, {
        environment,
        ...(failure.cli ? {} : withoutCli),
        ...failure.options,
      });
      failure.after?.(hosted);
      const printed = `${what}:\n${output}${errors}`;
      assert.equal(ok, false, printed);
      assert.equal(states[step], "failed", printed);
      assert.ok(errors.startsWith(`${step}: `), printed);
      assert.match(errors, says, printed);
      assert.ok(!printed.includes("hidden"), printed);
      const names = Object.keys(states);
      const after = names.slice(names.indexOf(step) + 1).map((name) => states[name]);
      assert.ok(after.every((state) => state === "not reached"), printed);
      // Whatever fails, the endpoint is not on before all the rest is done.
      assert.ok(clerk.endpoint().url === null || clerk.endpoint().disabled, printed);
    }
    management.faults.set([]);
    await hosted.clerkFaults([]);
    const { ok, output, errors } = await runDeploy(hosted);
    assert.ok(ok, output + errors);
    assert.equal(clerk.endpoint().disabled, false);
  });
});

Deno.test("a project moves to another instance only if CLERK_INSTANCE_ID says so", async () => {
  await withEmptyProject(async (hosted) => {
    const { management } = hosted;
    assert.ok((await runDeploy(hosted)).ok);
    const instanceId = management.secrets.get("CLERK_INSTANCE_ID") ?? "";
    management.secrets.set("CLERK_INSTANCE_ID", "ins_earlier");
    const refused = await runDeploy(hosted);
    assert.equal(refused.states["Clerk instance"], "failed", refused.output);
    assert.equal(management.secrets.get("CLERK_INSTANCE_ID"), "ins_earlier");
    const environment = { ...hosted.environment, CLERK_INSTANCE_ID: instanceId };
    const moved = await runDeploy(hosted, { environment });
    assert.ok(moved.ok, moved.output + moved.errors);
    assert.equal(management.secrets.get("CLERK_INSTANCE_ID"), instanceId);
  });
});

Deno.test("when the portal fails, the steps by hand are printed with everything filled in", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, gateway } = hosted;
    await hosted.clerkFaults([{ route: "POST /api/v1/auth/one-time-token", status: 404 }]);
    const { errors } = await runDeploy(hosted, withoutCli);
    const url = `${gateway.url}/functions/v1/clerk-webhook?forceFunctionRegion=eu-central-1`;
    assert.ok(errors.includes(`2. Endpoint URL: ${url}\n`), errors);
    assert.ok(errors.includes(`3. Subscribe to events: ${handledEvents.join(", ")}\n`), errors);
    assert.match(errors, /5\. Run deploy again with --webhook-by-hand\n$/);

    const missing = await runDeploy(hosted, { ...withoutCli, webhookByHand: true });
    assert.equal(missing.states["signing secret"], "failed");
    assert.match(
      missing.errors,
      /CLERK_WEBHOOK_SECRET environment variable is required\.\nPut the/,
    );
    const secret = "whsec_Y29waWVkIGZyb20gdGhlIGRhc2hib2FyZA==";
    await Deno.writeTextFile(
      `${hosted.folder}/supabase/functions/.env`,
      `CLERK_WEBHOOK_SECRET=${secret}\n`,
    );
    const byHand = await runDeploy(hosted, { ...withoutCli, webhookByHand: true });
    assert.ok(byHand.ok, byHand.errors);
    assert.equal(management.secrets.get("CLERK_WEBHOOK_SECRET"), secret);
  });
});

Deno.test("a missing role claim names the one switch, and stops nothing else", async () => {
  await withEmptyProject(async (hosted) => {
    const api = createClerkClient({ secretKey: canaries.secretKey, apiUrl: hosted.clerkUrl });
    const { id: userId } = await api.users.createUser({});
    const unknown = await runDeploy(hosted, withoutCli);
    assert.equal(unknown.states["role claim"], "not known");
    assert.match(unknown.output, /until somebody has signed in/);
    await api.sessions.createSession({ userId });
    await hosted.control("PUT", "integrations", { supabase: false });
    const { ok, states, errors } = await runDeploy(hosted, withoutCli);
    assert.equal(ok, false);
    assert.equal(states["role claim"], "failed");
    assert.match(
      errors,
      /at https:\/\/dashboard\.clerk\.com\/setup\/supabase, and run it again\n$/,
    );
    assert.equal(states["webhook switched on"], "already so");
    await hosted.control("PUT", "integrations", { supabase: true });
    assert.equal((await runDeploy(hosted, withoutCli)).states["role claim"], "already so");
  });
});

Deno.test("the addresses of doubles must be on this machine", async () => {
  await withEmptyProject(async (hosted) => {
    const environment = { ...hosted.environment, SUPABASE_API_URL: "https://api.example.com" };
    await assert.rejects(runDeploy(hosted, { environment }), {
      message: "SUPABASE_API_URL must be an address of this machine.\n" +
        "Take SUPABASE_API_URL out of the environment",
    });
  });
});

Deno.test("deploy says what it needs before it begins", async () => {
  await withEmptyProject(async (hosted) => {
    const without = (name: string) => ({ environment: { ...hosted.environment, [name]: "" } });
    await assert.rejects(
      runDeploy(hosted, without("SUPABASE_ACCESS_TOKEN")),
      /Create one at https/,
    );
    await assert.rejects(
      runDeploy(hosted, without("CLERK_SECRET_KEY")),
      /Set it in the environment/,
    );
    await assert.rejects(runDeploy(hosted, { projectRef: "Acme" }), /must have 20 small letters/);
    await assert.rejects(
      runDeploy(hosted, { projectRef: undefined }),
      /Give it with --project-ref/,
    );
    await Deno.mkdir(`${hosted.folder}/supabase/.temp`);
    await Deno.writeTextFile(
      `${hosted.folder}/supabase/.temp/project-ref`,
      "abcdefghijklmnopqrst\n",
    );
    const { states } = await runDeploy(hosted, { projectRef: undefined, dryRun: true });
    assert.equal(states["Supabase project"], "already so");
  });
});
