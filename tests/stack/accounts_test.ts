import assert from "node:assert/strict";
import { basename, dirname, join } from "node:path";
import { checkout } from "../../local/options.ts";
import { begin, fails, type Place, placeIn, run } from "../support/commands.ts";
import { descendants, gone } from "../support/processes.ts";
import { makeUsedFolder } from "../support/stack/used_folder.ts";
import { withFolder } from "./temporary.ts";

// Only root can act as others. For any other user, all tests run like the first one.
const onlyAsRoot = Deno.uid() !== 0;

/** Copies a clone's files without its history. */
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
  name: "a user who is not root runs the stack from their own clone",
  ignore: onlyAsRoot,
  fn: () =>
    withFolder(async (folder) => {
      const project = await cloneInto(folder);
      const deno = join(folder, "deno");
      await Deno.copyFile(Deno.execPath(), deno);
      const { denoDir } = JSON.parse(await shell('"$1" info --json', Deno.execPath()));
      const cache = join(folder, "cache");
      await Deno.mkdir(cache);
      // Without the code that was generated for other checkouts, which may be tens of thousands of files.
      await shell('cp -R "$1" "$2"', join(denoDir, "npm"), cache);
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

      // An unreadable path does not count as missing: it is named in one line, and nothing replaces it.
      const data = join(place.directory, "postgres", "data");
      const { ino: before } = await Deno.stat(data);
      const closed: [path: string, ...commands: string[]][] = [
        [place.directory, "start", "status", "stop"],
        [join(place.directory, "postgres"), "start"],
        [join(place.directory, "logs"), "start"],
        [join(place.directory, "lock"), "start", "stop"],
        [join(place.directory, "keys.json"), "start"],
        [join(place.directory, "clerk"), "start"],
      ];
      for (const [path, ...names] of closed) {
        const { mode } = await Deno.stat(path);
        await Deno.chmod(path, 0);
        try {
          for (const name of names) {
            const says = new RegExp(`${basename(path)}.* (be (read|used|opened)|Give )`);
            await fails(place, says, [name, ...(name === "start" ? ["--once"] : [])]);
          }
        } finally {
          await Deno.chmod(path, (mode ?? 0) & 0o777);
        }
      }
      assert.equal((await Deno.stat(data)).ino, before);
    }),
});

Deno.test({
  name:
    "root runs the stack from a clone that nobody else can enter, and copies and moved clones keep their databases",
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
      const data = await Deno.stat(join(outside, "data"));
      assert.deepEqual([(data.mode ?? 0) & 0o777, data.uid === 0], [0o700, false]);
      const processes = await descendants(start.pid);
      start.signal("SIGKILL");
      await start.finished;
      await gone(processes);
      assert.equal((await run("start", place, "--once")).code, 0);

      // A copy of the clone has a link to the original's database.
      const { ino } = await Deno.stat(join(outside, "data"));
      const copy = placeIn(join(folder, "copy", ".local"), { project: join(folder, "copy") });
      await shell('cp -R "$1" "$2"', project, join(folder, "copy"));
      await fails(
        copy,
        new RegExp(`a link to the database of the stack in ${place.directory}\\. Start over, `),
      );
      const anew = await run("start", copy, "--fresh", "--once");
      assert.equal(anew.code, 0, anew.errors);
      assert.equal((await Deno.stat(join(outside, "data"))).ino, ino);

      // A moved clone keeps its database.
      const moved = placeIn(join(folder, "moved", ".local"), { project: join(folder, "moved") });
      await Deno.rename(project, join(folder, "moved"));
      assert.equal((await run("start", moved, "--once")).code, 0);
      assert.equal(await Deno.readLink(join(moved.directory, "postgres")), outside);
      assert.equal((await Deno.stat(join(outside, "data"))).ino, ino);

      // A database whose clone is gone is reported but not removed. The clone may be on an unmounted disk.
      await Deno.remove(moved.directory, { recursive: true });
      const other = await run("start", copy, "--once");
      assert.match(other.output, new RegExp(`the database in ${outside} any more. Remove it`));
      assert.equal((await Deno.stat(join(outside, "data"))).ino, ino);
      await Deno.remove(outside, { recursive: true });
      await Deno.remove(await Deno.readLink(join(copy.directory, "postgres")), { recursive: true });
    }),
});

Deno.test({
  name: "a database whose folder is closed to root's server is unharmed once the folder is opened",
  ignore: onlyAsRoot,
  fn: () =>
    withFolder(async (folder) => {
      const above = join(folder, "above");
      await Deno.mkdir(above);
      const place = placeIn(join(above, "local"));
      await makeUsedFolder(place.directory);
      const { ino } = await Deno.stat(join(place.directory, "postgres", "data"));
      await Deno.chmod(above, 0o700);
      await fails(
        place,
        /^PostgreSQL, .* cannot reach .*postgres\. .* folder above it .*--fresh\n$/,
      );
      await Deno.chmod(above, 0o755);
      assert.equal((await Deno.stat(join(place.directory, "postgres", "data"))).ino, ino);
    }),
});

Deno.test({
  name: "root's start and --fresh follow no link in the database's folder",
  ignore: onlyAsRoot,
  fn: () =>
    withFolder(async (folder) => {
      const place = placeIn(join(folder, "local"));
      await makeUsedFolder(place.directory);
      const postgres = join(place.directory, "postgres");
      const victim = join(folder, "victim");
      await Deno.writeTextFile(victim, "root's", { mode: 0o600 });
      const treasury = join(folder, "treasury");
      await Deno.mkdir(treasury);
      const coin = join(treasury, "postmaster.pid");
      await Deno.writeTextFile(coin, "root's", { mode: 0o600 });
      // As earlier versions left it: the whole folder belongs to the server's account.
      await shell('chown nobody "$1"', postgres);
      const plant = async () => {
        for (const name of ["data.password", "home", "data/postmaster.pid"]) {
          await shell('rm -f "$1" && ln -s "$2" "$1"', join(postgres, name), victim);
        }
        await shell('rm -rf "$1" && ln -s "$2" "$1"', join(postgres, "data.draft"), treasury);
      };
      for (const flags of [["--once"], ["--once", "--fresh"]]) {
        await plant();
        const { code, errors } = await run("start", place, ...flags);
        assert.equal(code, 0, errors);
        assert.deepEqual(
          [await Deno.readTextFile(victim), (await Deno.stat(victim)).uid],
          ["root's", 0],
        );
        assert.deepEqual(
          [await Deno.readTextFile(coin), (await Deno.stat(treasury)).uid],
          ["root's", 0],
        );
      }
      await shell('rm -rf "$1" && ln -s "$2" "$1"', join(postgres, "data"), treasury);
      const { code, errors } = await run("start", place, "--once");
      assert.equal(code, 1);
      assert.match(errors, /data is not a database folder\. Start over with.*--fresh\n$/);
      assert.deepEqual([await Deno.readTextFile(coin), (await Deno.stat(treasury)).uid], [
        "root's",
        0,
      ]);
    }),
});

Deno.test({
  name: "root is told whose folder it is if it belongs to another user",
  ignore: onlyAsRoot,
  fn: () =>
    withFolder(async (folder) => {
      const place = placeIn(join(folder, "local"));
      await Deno.mkdir(place.directory);
      await shell('chown nobody "$1"', place.directory);
      for (const name of ["start", "stop", "status", "migrate"]) {
        const { code, errors } = await run(name, place, ...(name === "start" ? ["--once"] : []));
        assert.equal(code, 1);
        assert.equal(
          errors,
          `${place.directory} belongs to nobody, but you are root. Work there as nobody, or ` +
            "choose another folder with LOCAL_DIR\n",
        );
      }
      assert.deepEqual([...Deno.readDirSync(place.directory)], []);
    }),
});

Deno.test({
  name: "root runs the stack with a umask that closes everything to others",
  ignore: onlyAsRoot,
  fn: () =>
    withFolder(async (folder) => {
      const project = await cloneInto(folder);
      const place = placeIn(join(project, ".local"), { project });
      const usual = Deno.umask(0o077);
      try {
        for (const flags of [["--once"], ["--once"], ["--once", "--fresh"]]) {
          const { code, errors } = await run("start", place, ...flags);
          assert.equal(code, 0, errors);
        }
      } finally {
        Deno.umask(usual);
      }
    }),
});
