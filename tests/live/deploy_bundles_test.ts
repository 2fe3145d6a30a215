/** What goes up are the functions' bundles, and they do the work. */
import { createClerkClient } from "@clerk/backend";
import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { z } from "zod";
import { commit, status } from "../support/application/repository.ts";
import { runCli } from "../support/application/cli.ts";
import { eventually } from "../support/eventually.ts";
import { canaries, type HostedProject, withEmptyProject } from "./deploy_project.ts";
import { runDeploy } from "./deploy_run.ts";

const names = ["clerk-reconcile", "clerk-webhook", "users-me", "users-sync"];

/** Bytes. Nobody waits for clerk-reconcile. */
const most = (slug: string) => slug === "clerk-reconcile" ? 170_000 : 150_000;

Deno.test("deploy uploads one minified module a function, which do the main job on the platform's Deno", async () => {
  await withEmptyProject(async (hosted) => {
    const { management, folder, clerkUrl, sql } = hosted;
    await put(folder, "own/index.ts", "export {};\n");
    await put(folder, "_shared/own.ts", 'export const own = "of-the-app";\n');
    await edit(folder, 'import { own } from "../_shared/own.ts";\nconsole.debug(own);\n');
    await commit(folder);

    const deployed = await runDeploy(hosted, { sources: false });
    assert.ok(deployed.ok, deployed.output + deployed.errors);
    assert.match(deployed.output, /\nfunctions +done +clerk-webhook, .*, one file each\n/);
    assert.deepEqual(management.uploads.map(({ slug }) => slug).sort(), names);
    for (const { slug, metadata, files } of management.uploads) {
      const path = `supabase/functions/${slug}/index.js`;
      assert.equal(metadata.entrypoint_path, path);
      assert.equal(metadata.verify_jwt, false);
      assert.deepEqual([...files.keys()], [path]);
      const size = new TextEncoder().encode(files.get(path)).length;
      assert.ok(size <= most(slug), `${slug} has ${size} bytes`);
      assert.equal(files.get(path)?.includes("of-the-app"), slug === "users-me");
    }
    assert.deepEqual(management.activated.map(({ slug }) => slug).sort(), names);
    assert.deepEqual(management.unknown, []);
    assert.deepEqual(await status(folder), []);

    const clerk = createClerkClient({ secretKey: canaries.secretKey, apiUrl: clerkUrl });
    const { id } = await clerk.users.createUser({ firstName: "Ada" });
    await eventually("the row that the webhook writes", async () => {
      const [row] = await sql`select first_name from public.users where clerk_id = ${id}`;
      return row?.first_name === "Ada";
    });
    assert.equal(hosted.clerk.messages.counts().failed, 0);
    const call = await callAs(hosted, id);
    const synced = await call("POST", "users-sync");
    assert.equal(synced.message, "User already up to date");
    assert.equal((await call("GET", "users-me")).user.first_name, "Ada");
    await bundleHasMapOfWhatWentUp(hosted);
  });
});

const answer = z.object({
  message: z.string().optional(),
  user: z.object({ first_name: z.string() }),
});

/** Calls functions with a session token of the user's. */
async function callAs({ clerkUrl, gateway }: HostedProject, userId: string) {
  const clerk = createClerkClient({ secretKey: canaries.secretKey, apiUrl: clerkUrl });
  const session = await clerk.sessions.createSession({ userId });
  const { jwt } = await clerk.sessions.getToken(session.id);
  return async (method: string, name: string) => {
    const headers = { authorization: `Bearer ${jwt}` };
    const response = await fetch(`${gateway.url}/functions/v1/${name}`, { method, headers });
    return answer.parse(await response.json());
  };
}

/** Who reads a stack trace in the log makes the source map again, and may deploy the files by hand. */
async function bundleHasMapOfWhatWentUp({ folder, management }: HostedProject) {
  const into = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-into-" });
  try {
    // As an earlier one has left it.
    await Deno.mkdir(join(into, "supabase"));
    await Deno.writeTextFile(
      join(into, "supabase/config.toml"),
      "# Made by bundle: it replaces this file.\n",
    );
    const { code, output, errors } = await runCli("bundle", folder, ["--into", into]);
    assert.equal(code, 0, errors);
    assert.match(output, /users-me\/index\.js {2}\d+ KB\n/);
    for (const { slug, files } of management.uploads) {
      const path = `supabase/functions/${slug}/index.js`;
      assert.equal(await Deno.readTextFile(join(into, path)), files.get(path), slug);
      const map = await Deno.readTextFile(join(into, `${path}.map`));
      assert.ok(map.includes(`"supabase/functions/${slug}/handler.ts"`), slug);
    }
    const refused = await runCli("bundle", folder, ["--into", folder]);
    assert.equal(refused.code, 1);
    assert.match(refused.errors, / has a Supabase project\. Give an empty folder, or a new one\n$/);
    assert.match((await runCli("bundle", folder, [])).errors, /^Give a folder .* with --into\n$/);
  } finally {
    await Deno.remove(into, { recursive: true });
  }
  assert.deepEqual(await status(folder), []);
}

Deno.test("deploy says why functions cannot be bundled, and with --sources uploads them as they are", async () => {
  await withEmptyProject(async (hosted) => {
    const { folder, management } = hosted;
    const text = await edit(folder, 'import "jsr:@std/assert@1";\n');
    const failed = await runDeploy(hosted, { sources: false });
    assert.equal(failed.states.functions, "failed");
    assert.equal(failed.states["functions' secrets"], "not reached");
    assert.match(
      failed.errors,
      /^functions: The functions could not be bundled: .*users-me\/handler\.ts:1:7: .*"jsr:@std\/assert@1" is no npm package that the import map names\.\nMend .* Or add --sources, /,
    );
    assert.equal(management.uploads.length, 0);

    const dry = await runDeploy(hosted, { dryRun: true, sources: true });
    assert.match(dry.output, /\nfunctions +would do +deploys .*users-sync.*, as sources\n/);
    const sources = await runDeploy(hosted, { sources: true });
    assert.ok(sources.ok, sources.errors);
    const uploaded = management.uploads.find(({ slug }) => slug === "users-me");
    assert.equal(uploaded?.files.get("supabase/functions/users-me/handler.ts"), text);
  });
});

async function put(folder: string, path: string, text: string) {
  const whole = join(folder, "supabase/functions", path);
  await Deno.mkdir(dirname(whole), { recursive: true });
  await Deno.writeTextFile(whole, text);
}

/** Puts lines above a handler. Returns what it is now. */
async function edit(folder: string, lines: string): Promise<string> {
  const path = join(folder, "supabase/functions/users-me/handler.ts");
  const text = `${lines}${await Deno.readTextFile(path)}`;
  await Deno.writeTextFile(path, text);
  return text;
}
