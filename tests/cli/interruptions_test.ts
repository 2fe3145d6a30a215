import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
import { lockProject } from "../../cli/install/lock.ts";
import { inApplication, plain, refuses, succeeds } from "./commands.ts";
import { picture } from "./folders.ts";

for (const [operation, at] of [["writeTextFileSync", 30], ["renameSync", 40]] as const) {
  Deno.test(`a full disk at ${operation} ${at} leaves the application as it was, with one line`, async () => {
    await inApplication(plain, async (application) => {
      const disturb = `${operation} ${at} full`;
      await refuses(
        application,
        () => application.install([], { disturb }),
        /^The disk is full\. Free some space and try again$/m,
      );
    });
  });
}

Deno.test("Ctrl-C and a request to end wait until all files are exchanged", async () => {
  await inApplication(plain, async ({ folder, install, uninstall }) => {
    const before = picture(folder);
    await install([], { disturb: "renameSync 20 SIGINT" });
    assert.match(await succeeds(install()), /already, and complete/);
    await uninstall([], { disturb: "removeSync 20 SIGTERM" });
    assert.deepEqual(picture(folder), before);
  });
});

Deno.test("killed while it stages files, the next run begins again", async () => {
  await inApplication(plain, async (application) => {
    const { folder, install, uninstall } = application;
    const before = picture(folder);
    const { code } = await install([], { disturb: "writeTextFileSync 30 SIGKILL" });
    assert.equal(code, 128 + 9);
    await refuses(application, () => install(["--dry-run"]), /An earlier change was interrupted/);
    assert.match(await succeeds(install()), /^Installed version/);
    await succeeds(uninstall());
    assert.deepEqual(picture(folder), before);
  });
});

Deno.test("killed while it exchanges files, the next run completes it", async () => {
  await inApplication(plain, async (application) => {
    const { folder, install, uninstall } = application;
    const before = picture(folder);
    await install([], { disturb: "renameSync 30 SIGKILL" });
    assert.match(await succeeds(install()), /already, and complete/);
    await uninstall([], { disturb: "removeSync 30 SIGKILL" });
    assert.match(await succeeds(uninstall()), /^Completed what was interrupted/);
    assert.deepEqual(picture(folder), before);
  });
});

Deno.test("of two installations at once, one does all, and the other says why it does nothing", async () => {
  await inApplication(plain, async ({ folder, install, uninstall }) => {
    const before = picture(folder);
    const both = await Promise.all([install(), install()]);
    const [done, ...more] = both.filter(({ code }) => code === 0);
    assert.match(done?.output ?? "", /^Installed version/);
    for (const { output } of more) assert.match(output, /already, and complete/);
    for (const { errors } of both.filter(({ code }) => code !== 0)) {
      assert.match(errors, /^Another install or uninstall is at work [^\n]+ try again\n$/);
    }
    assert.match(await succeeds(install()), /already, and complete/);
    await succeeds(uninstall());
    assert.deepEqual(picture(folder), before);
  });
});

Deno.test("while one command is at work, no other begins", async () => {
  await inApplication(plain, async (application) => {
    const { folder, install, uninstall } = application;
    await succeeds(install());
    const line =
      /^Another install or uninstall is at work in this folder\. Wait until it has ended/;
    const atWork = lockProject(folder, { shared: false });
    for (const args of [[], ["--dry-run"]]) {
      await refuses(application, () => install(args), line);
      await refuses(application, () => uninstall(args), line);
    }
    atWork[Symbol.dispose]();
    using _looking = lockProject(folder, { shared: true });
    assert.equal((await uninstall(["--dry-run"])).code, 0);
    await refuses(application, uninstall, line);
  });
});

Deno.test("a folder that this account may not write to is named", async () => {
  // Root may write everywhere.
  if (Deno.uid() === 0) return;
  await inApplication(plain, async (application) => {
    const supabase = join(application.folder, "supabase");
    chmodSync(supabase, 0o555);
    await refuses(application, application.install, /Permission denied.*Give this account access/);
    chmodSync(supabase, 0o755);
  });
});
