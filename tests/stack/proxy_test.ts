import assert from "node:assert/strict";
import { createServer } from "node:http";
import { connect } from "node:net";
import { pipeline } from "node:stream";
import { z } from "zod";
import { proxyVariables } from "../../local/direct_loopback.ts";
import { isLoopback } from "../../local/loopback_host.ts";
import { checkout } from "../../local/options.ts";
import { begin, placeIn, run } from "../support/commands.ts";
import { withUsedFolder } from "./temporary.ts";

/**
 * Runs with variables that name a proxy, through which downloads may go. Returns the requests to this
 * machine that it got, by their first lines.
 */
async function withProxy(
  test: (environment: Record<string, string>) => Promise<void>,
): Promise<string[]> {
  const asked: string[] = [];
  const proxy = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    response.destroy();
  });
  proxy.on("connect", ({ url = "" }, client) => {
    const { hostname, port } = new URL(`http://${url}`);
    if (isLoopback(`http://${url}`)) {
      asked.push(`CONNECT ${url}`);
      client.destroy();
      return;
    }
    const target = connect(Number(port), hostname, () => client.write("HTTP/1.1 200 OK\r\n\r\n"));
    // When one end breaks off, so does the other.
    pipeline(client, target, () => {});
    pipeline(target, client, () => {});
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const { port } = z.object({ port: z.int() }).parse(proxy.address());
  const url = `http://127.0.0.1:${port}`;
  try {
    await test(Object.fromEntries(proxyVariables.map((name) => [name, url])));
  } finally {
    proxy.close();
  }
  return asked;
}

Deno.test("start --once, migrate and the printed commands bypass a proxy", async () => {
  await withUsedFolder(async (directory) => {
    const asked = await withProxy(async (environment) => {
      const place = placeIn(directory, { environment });
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
