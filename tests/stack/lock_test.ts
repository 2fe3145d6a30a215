import assert from "node:assert/strict";
import { join } from "node:path";
import { acquireLock, findHolder } from "../../local/supervisor/lock.ts";
import { withFolder } from "./temporary.ts";

Deno.test("a folder has one holder at a time, found by its process id", async () => {
  await withFolder(async (folder) => {
    assert.equal(await findHolder(folder), undefined);
    const lock = await acquireLock(folder);
    assert.ok("release" in lock);
    assert.equal(lock.afterCrash, false);
    assert.equal(await findHolder(folder), Deno.pid);
    assert.deepEqual(await acquireLock(folder), { heldBy: Deno.pid });
    await lock.release();
    assert.equal(await findHolder(folder), undefined);
  });
});

Deno.test("a dead process' lock is taken over at once, even if its id is in use again", async () => {
  await withFolder(async (folder) => {
    for (const text of [JSON.stringify({ pid: Deno.pid, watchdog: Deno.ppid }), '{"pid":']) {
      await Deno.writeTextFile(join(folder, "lock"), text);
      assert.equal(await findHolder(folder), undefined);
      const start = performance.now();
      const lock = await acquireLock(folder);
      assert.ok("release" in lock);
      assert.ok(performance.now() - start < 2000);
      assert.equal(lock.afterCrash, text.endsWith("}"));
      await lock.release();
    }
  });
});

Deno.test("asking for the holder does not prevent a stack from starting", async () => {
  await withFolder(async (folder) => {
    await Deno.writeTextFile(join(folder, "lock"), "");
    const asking = (async () => {
      for (let count = 0; count < 200; count++) await findHolder(folder);
    })();
    for (let count = 0; count < 20; count++) {
      const lock = await acquireLock(folder);
      assert.ok("release" in lock);
      await lock.release();
    }
    await asking;
  });
});
