import assert from "node:assert/strict";
import { chmodSync } from "node:fs";
import { join } from "node:path";
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
