/** The packed repository, run with nothing but Node, as `npx` does. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkout } from "../../local/options.ts";
import { status } from "../support/application/repository.ts";
import { makeRepository } from "./application.ts";
import { initialize } from "./supabase_project.ts";

async function run(command: string, args: readonly string[], folder: string) {
  const { code, output, errors } = await finish(command, args, folder);
  assert.equal(code, 0, errors);
  return output;
}

async function finish(command: string, args: readonly string[], folder: string) {
  const { code, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
    env: {
      ...{ NO_COLOR: "1", LOCAL_DIR: "", DB_CONNECTION_STRING: "" },
      ...{ SUPABASE_URL: "", SUPABASE_SECRET_KEYS: "", SUPABASE_SERVICE_ROLE_KEY: "" },
      SUPABASE_KEY: "",
    },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: decode(stdout), errors: decode(stderr) };
}

Deno.test("npx says what there is, and runs install, bundle and uninstall from the packed repository", async () => {
  await using repository = await makeRepository({
    title: "a fresh project",
    files: await initialize(),
    next: () => "",
  });
  const tarballs = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-packed-" });
  try {
    const packed = await run("npm", ["pack", "--silent", "--pack-destination", tarballs], checkout);
    const source = `file:${join(tarballs, packed.trim())}`;
    const { project } = repository;
    assert.match(
      await run("npx", ["--yes", source, "--help"], project),
      /^The commands are install, /,
    );
    for (const command of ["doctor", "backfill", "reconcile"]) {
      const { code, errors } = await finish("npx", ["--yes", source, command], project);
      assert.match(
        errors,
        /^There is no local stack here\. Start one in a checkout of the repository, or name a project: set SUPABASE_URL, [^\n]+\n$/,
      );
      assert.equal(code, 1);
    }
    const installed = await run("npx", ["--yes", source, "install"], project);
    assert.match(installed, /^Installed version \d+\.\d+\.\d+ in \.: /);
    const functions = await Array.fromAsync(Deno.readDir(join(project, "supabase", "functions")));
    assert.deepEqual(
      functions.map(({ name }) => name).sort(),
      ["_clerk_sync", "clerk-reconcile", "clerk-webhook", "users-me", "users-sync"],
    );
    const into = join(tarballs, "bundles");
    await run("npx", ["--yes", source, "bundle", "--into", into], project);
    await Deno.stat(join(into, "supabase/functions/users-me/index.js"));
    const removed = await run("npx", ["--yes", source, "uninstall"], project);
    assert.match(removed, /^Took version /);
    assert.deepEqual(await status(project), []);
  } finally {
    await Deno.remove(tarballs, { recursive: true });
  }
});
