import assert from "node:assert/strict";
import { join } from "node:path";
import { createPrinter } from "../../local/printer.ts";
import { readEnvironment } from "../../local/options.ts";
import { startStack } from "../../local/stack.ts";
import { doubleOf } from "../support/stack/double_part.ts";
import { freePortBase } from "../support/stack/free_port_base.ts";
import { begin, placeIn, run } from "../support/commands.ts";
import { eventually, pause } from "../support/eventually.ts";
import { descendants, emptyOfProcesses, gone } from "../support/processes.ts";
import { withFolder, withUsedFolder } from "./temporary.ts";

Deno.test("start, status, migrate and stop work together", async () => {
  await withFolder(async (folder) => {
    const place = placeIn(join(folder, "local"));
    const nothing = await run("status", place);
    assert.equal(nothing.code, 1);
    assert.match(nothing.errors, /^No stack runs in .*Start one with: deno task start\n$/);
    assert.equal((await run("migrate", place)).code, 1);

    const start = begin("start", place);
    await start.says(/^ready$/m);
    const processes = await descendants(start.pid);
    assert.ok(processes.length >= 6, "PostgreSQL, PostgREST, three functions, the double");

    const status = await run("status", place);
    assert.equal(status.code, 0);
    const json = JSON.parse((await run("status", place, "-o", "json")).output);
    const lines = new Map(
      status.output.trim().split("\n").map((line) => {
        const [, name = "", value = ""] = /^([A-Z_]+)=(.*)$/.exec(line) ?? [];
        return [name, value];
      }),
    );
    for (
      const name of [
        "API_URL",
        "DB_URL",
        "CONSOLE_URL",
        "ANON_KEY",
        "SERVICE_ROLE_KEY",
        "JWT_SECRET",
        "CLERK_API_URL",
        "CLERK_SECRET_KEY",
        "CLERK_RECONCILE_KEY",
        "CLERK_WEBHOOK_SECRET",
      ]
    ) {
      assert.ok(lines.get(name), name);
      assert.equal(lines.get(name), json[name]);
    }
    assert.equal(lines.get("API_URL"), `http://127.0.0.1:${place.portBase}`);

    const rows = await fetch(
      `${json.API_URL}/rest/v1/users?select=first_name,email,phone&order=first_name`,
      {
        headers: { apikey: json.SECRET_KEY },
      },
    );
    assert.deepEqual(await rows.json(), [
      { first_name: "Ada", email: "ada@example.com", phone: null },
      { first_name: "Alan", email: null, phone: "+15555550100" },
      { first_name: "Grace", email: "grace@example.com", phone: null },
    ]);

    const curl = /^ +(TOKEN=\S+)\n +(curl -X POST .*)\n +(curl .*)\n/m.exec(start.output());
    assert.ok(curl, "the output has a command to paste");
    const renewal = /^ +(TOKEN=\$\(.*)$/m.exec(start.output());
    assert.ok(renewal, "the output has a command for a new token");
    for (const token of [curl[1], renewal[1]]) {
      const { stdout } = await new Deno.Command("/bin/sh", {
        args: ["-c", `${token}\n${curl[3]} --silent`],
        stderr: "null",
      }).output();
      assert.equal(JSON.parse(new TextDecoder().decode(stdout)).user.first_name, "Ada");
    }

    const second = await run("start", { ...place, portBase: placeIn(folder).portBase });
    assert.equal(second.code, 1);
    assert.equal(
      second.errors,
      `A stack already runs in ${place.directory} (process ${start.pid}). ` +
        "Stop it with: deno task stop\n",
    );
    const migrate = await run("migrate", place);
    assert.equal(migrate.code, 0, migrate.errors);
    assert.match(migrate.output, /up to date/);

    const stop = await run("stop", place);
    assert.equal(stop.code, 0);
    assert.match(stop.output, /^Stopped the stack/);
    assert.equal((await start.finished).code, 0);
    await gone(processes);
    assert.equal((await run("status", place)).code, 1);
    assert.match((await run("stop", place)).output, /^No stack runs/);
  });
});

Deno.test("start --once shows the main job and exits 0, and a warm start is ready within 5 s", async () => {
  await withUsedFolder(async (directory) => {
    const place = placeIn(directory);
    const once = await run("start", place, "--once");
    assert.equal(once.code, 0, once.errors);
    assert.equal(once.output.match(/^ {2}ok /mg)?.length, 10);
    assert.match(once.output, /^ {2}deletion .* false /m);

    const begun = performance.now();
    const start = begin("start", place);
    await start.says(/^ready$/m);
    const seconds = (performance.now() - begun) / 1000;
    start.signal("SIGTERM");
    await start.finished;
    createPrinter().line(`warm start: ${seconds.toFixed(1)} s`);
    // The goal is 5 s. A busy machine gets twice that.
    assert.ok(seconds < 10, `${seconds} s`);
  });
});

Deno.test("start --fresh begins with an empty database, but a plain start does not", async () => {
  await withUsedFolder(async (directory) => {
    const place = placeIn(directory);
    const count = async (...args: string[]) => {
      const start = begin("start", place, ...args);
      await start.says(/^ready$/m);
      const { API_URL, SECRET_KEY } = JSON.parse((await run("status", place, "-o", "json")).output);
      const headers = { apikey: SECRET_KEY, "content-type": "application/json" };
      const response = await fetch(`${API_URL}/rest/v1/users?clerk_id=eq.user_mine`, { headers });
      const rows = await response.json();
      await (await fetch(`${API_URL}/rest/v1/users`, {
        method: "POST",
        headers,
        body: JSON.stringify({ clerk_id: "user_mine" }),
      })).body?.cancel();
      start.signal("SIGTERM");
      await start.finished;
      return { rows: rows.length, key: SECRET_KEY };
    };
    const first = await count();
    assert.deepEqual(await count(), { rows: 1, key: first.key });
    assert.deepEqual(await count("--fresh"), { rows: 0, key: first.key });
  });
});

Deno.test("whatever ends the stack, no process is left and the data is kept", async () => {
  await withUsedFolder(async (directory) => {
    const place = placeIn(directory);
    for (const signal of ["SIGINT", "SIGHUP", "SIGKILL", "SIGTERM"] as const) {
      const start = begin("start", place);
      await start.says(/^ready$/m);
      const processes = await descendants(start.pid);
      start.signal(signal);
      // In a terminal, one Ctrl-C arrives twice, because `deno task` passes it on too.
      if (signal === "SIGINT") start.signal(signal);
      const { code, output, errors } = await start.finished;
      await gone(processes);
      assert.equal(code, signal === "SIGKILL" ? 137 : 0);
      assert.equal(errors, "");
      assert.equal(output.includes("arrived by webhook"), signal === "SIGINT");
    }
  });
});

Deno.test("an interrupted start leaves nothing behind", async () => {
  await withFolder(async (folder) => {
    const place = placeIn(join(folder, "local"));
    // These moments fall into different phases of the start.
    for (const wait of [50, 300, 600, 750, 900]) {
      const start = begin("start", place);
      await eventually("the watchdog", async () => (await descendants(start.pid)).length > 0);
      await pause(wait);
      const processes = await descendants(start.pid);
      start.signal("SIGTERM");
      await start.finished;
      await gone(processes);
      await emptyOfProcesses(folder);
    }
    const start = begin("start", place);
    await start.says(/^ready$/m);
    start.signal("SIGTERM");
    assert.equal((await start.finished).code, 0);
  });
});

Deno.test("a start continues with the users that an interrupted start signed up", async () => {
  await withUsedFolder(async (directory) => {
    const place = placeIn(directory);
    const seed = async () => {
      const start = begin("start", place);
      await start.says(/^ready$/m);
      start.signal("SIGTERM");
      return (await start.finished).output;
    };
    await seed();
    // As if the start had been interrupted just before it recorded that it was done.
    await Deno.remove(join(place.directory, "clerk", "seeded"));
    assert.match(await seed(), /3 users signed up in Clerk, and 2 of them are in an organization/);
  });
});

Deno.test("a busy port is named with its use and what to do", async () => {
  await withFolder(async (folder) => {
    const place = placeIn(join(folder, "local"));
    const port = (place.portBase ?? 0) + 1;
    using _listener = Deno.listen({ hostname: "127.0.0.1", port });
    const { code, errors } = await run("start", place);
    assert.equal(code, 1);
    assert.match(errors, new RegExp(`^Port ${port}, for the database, is in use.*LOCAL_PORT_BASE`));
    assert.equal(errors.trim().split("\n").length, 1);
  });
});

Deno.test("killed parts are restarted, and the stack keeps working", async () => {
  await withUsedFolder(async (directory) => {
    const lines: string[] = [];
    const stack = await startStack({
      directory,
      portBase: freePortBase(),
      postgresMajor: readEnvironment().postgresMajor,
      print: (line) => lines.push(line),
    });
    try {
      const { API_URL, SECRET_KEY, CLERK_API_URL } = stack.values;
      const webhook = stack.functions.get("clerk-webhook");
      assert.ok(webhook);
      for (const part of [stack.postgres, stack.postgrest, doubleOf(stack), webhook]) {
        const before = part.pid;
        assert.ok(before);
        Deno.kill(before, "SIGKILL");
        await eventually(`${part.name} again`, () => part.state === "ready" && part.pid !== before);
        assert.ok(lines.includes(`${part.name} exited (SIGKILL), restarting`));
      }
      await eventually("PostgREST's connection", async () => {
        const response = await fetch(`${API_URL}/rest/v1/users`, {
          headers: { apikey: SECRET_KEY },
        });
        await response.body?.cancel();
        return response.ok;
      });
      const answer = await fetch(`${API_URL}/functions/v1/clerk-webhook`, { method: "POST" });
      assert.equal((await answer.json()).error.code, "invalid_signature");
      assert.ok(
        (await (await fetch(`${CLERK_API_URL}/.well-known/jwks.json`)).json()).keys.length > 0,
      );
    } finally {
      await stack.stop();
    }
  });
});

Deno.test("a part that keeps dying ends the stack with its log", async () => {
  await withUsedFolder(async (directory) => {
    const place = placeIn(directory);
    const start = begin("start", place);
    await start.says(/^ready$/m);
    const processes = await descendants(start.pid);
    const victims = new Set<number>();
    for (let death = 1; death <= 3; death++) {
      await eventually("PostgREST", async () => {
        const found = (await descendants(start.pid)).find(({ command, pid }) =>
          command.endsWith("/postgrest") && !victims.has(pid)
        );
        if (found === undefined) return false;
        victims.add(found.pid);
        Deno.kill(found.pid, "SIGKILL");
        return true;
      });
    }
    const { code, errors } = await start.finished;
    assert.equal(code, 1);
    assert.match(errors, /^PostgREST d[^]*\(SIGKILL\).*postgrest\.log:\n/);
    await gone(processes);
  });
});
