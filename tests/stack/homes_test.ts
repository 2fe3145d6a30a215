import assert from "node:assert/strict";
import { join } from "node:path";
import { recordHome } from "../../local/home.ts";
import { requireOwnFolder } from "../../local/owner.ts";
import { serverAccount } from "../../local/postgres/account.ts";
import { databaseMark, prepareCluster } from "../../local/postgres/cluster.ts";
import { removeServer } from "../../local/postgres/location.ts";
import { fails, placeIn } from "../support/commands.ts";
import { withFolder } from "./temporary.ts";

/** A folder on "another disk", and a link to it from a folder that acts as the checkout. */
async function linkedFolder(folder: string): Promise<{ disk: string; original: string }> {
  const disk = join(folder, "disk");
  await Deno.mkdir(disk);
  await Deno.mkdir(join(folder, "original"));
  const original = join(folder, "original", ".local");
  await Deno.symlink(disk, original);
  return { disk, original };
}

Deno.test("a link to a stack's folder is not followed from a copy of the checkout", async () => {
  await withFolder(async (folder) => {
    const { disk, original } = await linkedFolder(folder);
    await requireOwnFolder(original);
    await recordHome(original);
    const copy = join(folder, "copy", ".local");
    await Deno.mkdir(join(folder, "copy"));
    await Deno.symlink(disk, copy);
    for (const name of ["start", "stop", "status", "migrate"]) {
      const says = `copy/\\.local is a link to the folder of the stack in ${original}\\. Remove`;
      await fails(placeIn(copy), new RegExp(says), [name]);
    }
    assert.deepEqual([...Deno.readDirSync(disk)].map(({ name }) => name), ["home"]);

    // The folder's own path, and another path to it, lead to the same stack.
    await requireOwnFolder(disk);
    await recordHome(disk);
    await requireOwnFolder(original);
    await Deno.symlink(join(folder, "original"), join(folder, "way"));
    await requireOwnFolder(join(folder, "way", ".local"));

    // Once the original link is gone, the copy is the only link.
    await Deno.remove(original);
    await requireOwnFolder(copy);
    await recordHome(copy);
    await Deno.symlink(disk, original);
    await assert.rejects(requireOwnFolder(original), /is a link to the folder of the stack in/);
  });
});

Deno.test("a dangling link does not count as an empty folder", async () => {
  await withFolder(async (folder) => {
    const { disk, original } = await linkedFolder(folder);
    await Deno.remove(disk);
    for (const name of ["start", "stop", "status", "migrate"]) {
      const says = `^${original} is a link to ${disk}, which does not exist\\. Restore it, or `;
      await fails(placeIn(original), new RegExp(says), [name]);
    }
  });
});

Deno.test("--fresh follows a link only to a folder recorded as this stack's", async () => {
  await withFolder(async (folder) => {
    const disk = join(folder, "disk");
    await Deno.mkdir(join(disk, "data"), { recursive: true });
    const homes = ["original", "copy"].map((name) => join(folder, name, "postgres"));
    for (const home of homes) {
      await Deno.mkdir(join(home, ".."));
      await Deno.symlink(disk, home);
    }
    const [original = "", copy = ""] = homes;
    await recordHome(original);
    await removeServer(join(folder, "copy"));
    await assert.rejects(Deno.lstat(copy), Deno.errors.NotFound);
    assert.ok((await Deno.stat(join(disk, "data"))).isDirectory);
    await Deno.writeTextFile(join(disk, "thesis.txt"), "");
    await removeServer(join(folder, "original"));
    assert.ok((await Deno.stat(join(disk, "thesis.txt"))).isFile);
    // Root's server follows only its own link.
    if (Deno.uid() === 0) return;
    await assert.rejects(Deno.stat(join(disk, "data")), Deno.errors.NotFound);
    assert.ok((await Deno.lstat(original)).isSymlink);
  });
});

Deno.test("a database that has disappeared is not recreated", async () => {
  await withFolder(async (folder) => {
    const account = await serverAccount();
    const location = { account, installation: folder, data: join(folder, "data") };
    const choice = { major: "17", icuLocale: undefined } as const;
    await Deno.writeTextFile(databaseMark(folder), "");
    await assert.rejects(prepareCluster(folder, location, choice, "password"), {
      message: `The stack's database is no longer in ${location.data}. Restore it, for example ` +
        "by mounting its disk, or start over with: deno task start --fresh",
    });
    assert.deepEqual([...Deno.readDirSync(folder)].map(({ name }) => name), ["database_made"]);
  });
});
