import assert from "node:assert/strict";
import { startStack } from "../../local/stack.ts";
import { acquireLock, findHolder } from "../../local/supervisor/lock.ts";
import { supervise } from "../../local/supervisor/supervision.ts";
import { freePortBase } from "../support/stack/free_port_base.ts";
import { withFolder } from "./temporary.ts";

/** Runs while no program can be started, because the current folder is gone. */
async function withoutFolder(run: () => Promise<void>): Promise<void> {
  const former = Deno.cwd();
  const current = await Deno.makeTempDir();
  Deno.chdir(current);
  await Deno.remove(current);
  try {
    await run();
  } finally {
    Deno.chdir(former);
  }
}

// Other systems start programs even without a current folder.
const ignore = Deno.build.os !== "linux";

const quiet = { print: () => {}, echo: () => {} };

Deno.test({
  name: "a start that fails before its watchdog runs releases the folder",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      await withoutFolder(async () => {
        for (const _ of [1, 2]) {
          await assert.rejects(startStack({ directory: folder }), Deno.errors.NotFound);
        }
      });
      assert.equal(await findHolder(folder), undefined);
    }),
});

Deno.test("a start that fails later releases everything", async () => {
  await withFolder(async (folder) => {
    const portBase = freePortBase();
    using _listener = Deno.listen({ hostname: "127.0.0.1", port: portBase });
    for (const _ of [1, 2]) {
      await assert.rejects(startStack({ directory: folder, portBase }), /is in use by another/);
    }
    assert.equal(await findHolder(folder), undefined);
  });
});

Deno.test({
  name: "a partly taken lock is released",
  ignore,
  fn: () =>
    withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/lock`, JSON.stringify({ pid: 1, watchdog: Deno.pid }));
      // Without a program, the lock cannot find out whether that process is a watchdog.
      await withoutFolder(() => assert.rejects(acquireLock(folder), Deno.errors.NotFound));
      assert.equal(await findHolder(folder), undefined);
    }),
});

Deno.test("a part that does not stop prevents neither the others from stopping nor the folder's release", async () => {
  await withFolder(async (folder) => {
    const supervision = await supervise({ directory: folder, ...quiet });
    let stopped = false;
    const start = () => Promise.resolve();
    await supervision.begin({ start, stop: () => Promise.resolve(void (stopped = true)) });
    await supervision.begin({ start, stop: () => Promise.reject(new Error("will not stop")) });
    await assert.rejects(supervision.stop(), { message: "will not stop" });
    assert.ok(stopped);
    assert.equal(await findHolder(folder), undefined);
  });
});

Deno.test("a folder copied from a running stack can be locked without waiting", async () => {
  await withFolder(async (folder) => {
    const original = `${folder}/original`;
    const copy = `${folder}/copy`;
    for (const directory of [original, copy]) await Deno.mkdir(directory);
    const supervision = await supervise({ directory: original, ...quiet });
    await Deno.copyFile(`${original}/lock`, `${copy}/lock`);
    const begun = performance.now();
    const lock = await acquireLock(copy);
    assert.ok("release" in lock);
    assert.ok(performance.now() - begun < 5000);
    await lock.release();
    await supervision.stop();
  });
});
