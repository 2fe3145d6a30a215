import assert from "node:assert/strict";
import { join } from "node:path";
import { proxyVariables } from "../../local/direct_loopback.ts";
import { checkout } from "../../local/options.ts";
import { begin, placeIn, run } from "../support/commands.ts";
import { withFolder } from "./temporary.ts";

/** Runs with variables that name a proxy without answers. Returns the requests that it got. */
async function withProxy(
  test: (environment: Record<string, string>) => Promise<void>,
): Promise<string[]> {
  const asked: string[] = [];
  const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const serving = (async () => {
    for await (const connection of listener) {
      const bytes = new Uint8Array(1024);
      const length = await connection.read(bytes).catch(() => null) ?? 0;
      asked.push(new TextDecoder().decode(bytes.subarray(0, length)).split("\r\n")[0] ?? "");
      connection.close();
    }
  })();
  const url = `http://127.0.0.1:${listener.addr.port}`;
  try {
    await test({
      ...Object.fromEntries(proxyVariables.map((name) => [name, url])),
      // Deno's own check for updates is not the stack's request.
      DENO_NO_UPDATE_CHECK: "1",
    });
  } finally {
    listener.close();
    await serving;
  }
  return asked;
}

Deno.test("start --once, migrate and the printed commands bypass a proxy", async () => {
  await withFolder(async (folder) => {
    const asked = await withProxy(async (environment) => {
      const place = placeIn(join(folder, "local"), { environment });
      const once = await run("start", place, "--once");
      assert.equal(once.code, 0, once.errors);
      const start = begin("start", place);
      await start.says(/^ready$/m);
      const migrate = await run("migrate", place);
      assert.equal(migrate.code, 0, migrate.errors);
      const [, renewal = "", lines = ""] = /A new token:\n\n +(TOKEN=.*)\n/.exec(start.output()) ??
        [];
      const [, call = ""] = /^ +(curl \S*users-me.*)$/m.exec(start.output()) ?? [];
      const { stdout } = await new Deno.Command("/bin/sh", {
        args: ["-c", `${renewal}${lines}\n${call} --silent`],
        env: environment,
        stderr: "null",
      }).output();
      assert.equal(JSON.parse(new TextDecoder().decode(stdout)).user.first_name, "Ada");
      start.signal("SIGTERM");
      assert.equal((await start.finished).code, 0);
    });
    assert.deepEqual(asked, []);
  });
});

Deno.test("the tests through HTTP bypass a proxy, whatever NO_PROXY says", async () => {
  const asked = await withProxy(async (environment) => {
    const { code, stdout } = await new Deno.Command(Deno.execPath(), {
      args: ["run", "--allow-all", "tests/run.ts", "tests/http/organizations_test.ts"],
      cwd: checkout,
      env: { ...environment, NO_PROXY: "intranet.example", no_proxy: "" },
      stdin: "null",
      stderr: "null",
    }).output();
    assert.equal(code, 0, new TextDecoder().decode(stdout).slice(-3000));
  });
  assert.deepEqual(asked, []);
});
