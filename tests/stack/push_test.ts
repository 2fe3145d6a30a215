import assert from "node:assert/strict";
import { join } from "node:path";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateSupabaseCli } from "../../local/binaries/locate.ts";
import { pushMigrations } from "../../local/migrations/push.ts";
import { checkout } from "../../local/options.ts";
import { findFreePort } from "../../local/ports.ts";
import { withFolder } from "./temporary.ts";

Deno.test("a push that fails says why and never shows the password", async () => {
  await withFolder(async (folder) => {
    const supabase = await locateSupabaseCli({
      directory: await binariesDirectory(checkout, folder),
      print: () => {},
    });
    const push = (databaseUrl: string) =>
      pushMigrations({ file: supabase, project: checkout, home: join(folder, "cli"), databaseUrl });
    for (const password of ["kept-to-itself", "p%40ss%2Fw%C3%B6rd"]) {
      const address = `127.0.0.1:${findFreePort()}/postgres`;
      const { success, output } = await push(`postgresql://postgres:${password}@${address}`);
      assert.equal(success, false);
      assert.match(output, /^No database answers at 127/);
      assert.ok(!output.includes(password), output);
      assert.ok(!output.includes(decodeURIComponent(password)), output);
    }
    await assert.rejects(
      push("postgresql://postgres:a/b@host"),
      ({ message }: Error) => message.includes("Percent-encode") && !message.includes("a/b"),
    );
  });
});
