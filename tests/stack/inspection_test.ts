import assert from "node:assert/strict";
import { join } from "node:path";
import { serverAccount } from "../../local/postgres/account.ts";
import { inspectCluster } from "../../local/postgres/inspection.ts";
import { withFolder } from "./temporary.ts";

Deno.test("an unreadable part of a database does not count as missing", async () => {
  await withFolder(async (folder) => {
    const account = await serverAccount();
    const location = { account, installation: folder, data: join(folder, "data") };
    const parts = ["global/pg_control", "base/1", "pg_wal/1", "pg_xact/1"].map((part) =>
      join(location.data, part)
    );
    for (const part of parts) await Deno.mkdir(part, { recursive: true });
    for (const name of ["PG_VERSION", "postgresql.conf", "pg_hba.conf"]) {
      await Deno.writeTextFile(join(location.data, name), "17\n");
    }
    const paths = ["", "global", "PG_VERSION"].map((name) => join(location.data, name));
    for (const path of paths) {
      if (account !== undefined) await Deno.chown(path, account.uid, account.gid);
    }
    assert.equal(await inspectCluster(location, "17"), "sound");
    for (const path of paths) {
      const { mode } = await Deno.stat(path);
      // A folder that can be entered but not listed does not count as empty either.
      for (const closed of path === location.data ? [0, 0o300] : [0]) {
        await Deno.chmod(path, closed);
        await assert.rejects(
          inspectCluster(location, "17"),
          /data cannot be read \(.*\)\. Give the account/,
        );
      }
      await Deno.chmod(path, (mode ?? 0) & 0o777);
    }
  });
});
