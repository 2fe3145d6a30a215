import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { checkout } from "../../local/options.ts";
import { begin, descendants, gone, type Place, placeIn, run } from "./command.ts";
import { withFolder } from "./temporary.ts";

// Run by any other user, all tests are this one's first half.
const onlyAsRoot = Deno.uid() !== 0;

/** Copies what a clone holds, without its history. */
async function cloneInto(folder: string): Promise<string> {
  const clone = join(folder, "clone");
  await Deno.mkdir(clone);
  const sources = ["deno.json", "deno.lock", "import_map.json", "local", "supabase"]
    .map((name) => join(checkout, name));
  await shell('cp -R "$@"', ...sources, clone);
  return clone;
}

async function shell(script: string, ...args: string[]): Promise<string> {
  const { success, stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", script, "sh", ...args],
  }).output();
  assert.ok(success, script);
  return new TextDecoder().decode(stdout).trim();
}

Deno.test({
  name: "a user who is not root runs it from a clone of their own",
  ignore: onlyAsRoot,
  fn: () =>
    withFolder(async (folder) => {
      const project = await cloneInto(folder);
      const deno = join(folder, "deno");
      await Deno.copyFile(Deno.execPath(), deno);
      const { denoDir } = JSON.parse(await shell('"$1" info --json', Deno.execPath()));
      const cache = join(folder, "cache");
      await shell('cp -R "$1" "$2"', denoDir, cache);
      await shell('chown -R nobody "$1"', folder);
      const [uid, gid] = await Promise.all([shell("id -u nobody"), shell("id -g nobody")]);
      const place: Place = placeIn(join(project, ".local"), {
        project,
        deno,
        account: { uid: Number(uid), gid: Number(gid) },
        environment: { HOME: folder, DENO_DIR: cache, XDG_CACHE_HOME: "" },
      });
      const { code, output, errors } = await run("start", place, "--once");
      assert.equal(code, 0, errors);
      assert.match(output, /The main job works/);
    }),
});

Deno.test({
  name: "root runs it from a clone that nobody else can enter, and nothing stays behind",
  ignore: onlyAsRoot,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.chmod(folder, 0o700);
      const project = await cloneInto(folder);
      const place = placeIn(join(project, ".local"), { project });
      const start = begin("start", place);
      await start.says(/^ready$/m);
      const outside = await Deno.readLink(join(place.directory, "postgres"));
      assert.equal(dirname(outside), "/var/tmp");
      assert.equal(((await Deno.stat(outside)).mode ?? 0) & 0o777, 0o700);
      const processes = await descendants(start.pid);
      start.signal("SIGKILL");
      await start.finished;
      await gone(processes);
      assert.equal((await run("start", place, "--once")).code, 0);

      await Deno.remove(place.directory, { recursive: true });
      assert.equal((await run("start", place, "--once")).code, 0);
      await Deno.remove(place.directory, { recursive: true });
      const elsewhere = placeIn(join(folder, "other", "local"));
      const other = await run("start", elsewhere, "--once");
      assert.equal(other.code, 0, other.errors);
      await assert.rejects(Deno.stat(outside), Deno.errors.NotFound);
      await Deno.remove(await Deno.readLink(join(elsewhere.directory, "postgres")), {
        recursive: true,
      });
    }),
});
