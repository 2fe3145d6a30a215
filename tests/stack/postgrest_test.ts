import assert from "node:assert/strict";
import { join } from "node:path";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateBinaries } from "../../local/binaries/locate.ts";
import { generateInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { checkout } from "../../local/options.ts";
import { specifyPostgrest } from "../../local/postgrest/server.ts";
import { openLog } from "../../local/supervisor/log.ts";
import { createPart } from "../../local/supervisor/part.ts";
import { startWatchdog } from "../../local/supervisor/watchdog.ts";
import { withFolder } from "./temporary.ts";

Deno.test("PostgREST starts on another port if its own is taken at the last moment", async () => {
  await withFolder(async (folder) => {
    const directory = await binariesDirectory(checkout, folder);
    const { postgrest } = await locateBinaries({ directory, print: () => {} }, "17");
    const specification = specifyPostgrest({
      file: postgrest,
      // No database listens there, and none is needed.
      databaseUrl: "postgresql://nobody@127.0.0.1:1/nothing",
      jwtSecret: "a secret that is long enough for HS256",
      clerkJwks: [(await generateInstanceKey()).publicJwk],
      schemas: ["public"],
      publicUrl: "http://127.0.0.1",
    });
    const log = openLog(join(folder, "postgrest.log"));
    const watchdog = startWatchdog(join(folder, "lock"));
    const takers: Deno.Listener[] = [];
    const part = createPart({
      ...specification,
      launch: async () => {
        const launch = await specification.launch();
        if (takers.length === 0) {
          takers.push(Deno.listen({ hostname: "127.0.0.1", port: specification.port() }));
        }
        return launch;
      },
      // PostgREST has its ports by then.
      answers: async (log, signal) => void await log.next(/Attempting to connect/, signal),
    }, { log, watchdog, print: () => {}, fail: () => {} });
    try {
      await part.start();
      const [taken] = takers.map(({ addr }) => addr.transport === "tcp" ? addr.port : undefined);
      assert.notEqual(specification.port(), taken);
    } finally {
      await part.stop();
      await watchdog.dismiss();
      log.close();
      for (const taker of takers) taker.close();
    }
  });
});
