/** The packed repository, run with nothing but Node, as `npx` does. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { checkout } from "../../local/options.ts";
import { status } from "../support/application/repository.ts";
import { makeRepository } from "./application.ts";
import { initialize } from "./supabase_project.ts";

async function run(command: string, args: readonly string[], folder: string) {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd: folder,
    env: { NO_COLOR: "1", DB_CONNECTION_STRING: "" },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, decode(stderr));
  return decode(stdout);
}

Deno.test("npx runs install, bundle and uninstall from the packed repository", async () => {
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
