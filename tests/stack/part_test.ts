import assert from "node:assert/strict";
import { join } from "node:path";
import { openLog } from "../../local/supervisor/log.ts";
import { createPart, type Part, type PartSpecification } from "../../local/supervisor/part.ts";
import { startWatchdog } from "../../local/supervisor/watchdog.ts";
import { eventually } from "../support/eventually.ts";
import { withFolder } from "./temporary.ts";

/** Runs with a part that is a shell script, and records its lines and failures. */
async function withPart(
  script: string,
  specification: Partial<PartSpecification>,
  test: (part: Part, heard: { lines: string[]; failures: Error[] }) => Promise<void>,
) {
  await withFolder(async (folder) => {
    const watchdog = startWatchdog(join(folder, "lock"));
    const log = openLog(join(folder, "part.log"));
    const heard = { lines: new Array<string>(), failures: new Array<Error>() };
    const part = createPart({
      name: "Part",
      launch: () => Promise.resolve({ file: "/bin/sh", args: ["-c", script], environment: {} }),
      answers: async (log, signal) => void await log.next(/^up$/, signal),
      endings: [{ signal: "SIGTERM", patience: 200 }],
      emergency: "process",
      hopeless: "fail",
      ...specification,
    }, {
      log,
      watchdog,
      print: (line) => heard.lines.push(line),
      fail: (error) => heard.failures.push(error),
    });
    try {
      await test(part, heard);
    } finally {
      await part.stop();
      log.close();
      await watchdog.dismiss();
    }
  });
}

const steady = "echo up; exec sleep 60";

Deno.test("a killed part is restarted with a message", async () => {
  await withPart(steady, {}, async (part, { lines }) => {
    await part.start();
    const before = part.pid;
    assert.ok(before);
    Deno.kill(before, "SIGKILL");
    await eventually("another process", () => part.state === "ready" && part.pid !== before);
    assert.deepEqual(lines, ["Part exited (SIGKILL), restarting"]);
  });
});

Deno.test("a part that dies three times within 10 s fails the stack with the end of its log", async () => {
  await withPart(steady, {}, async (part, { lines, failures }) => {
    await part.start();
    for (let death = 0; death < 3; death++) {
      const pid = part.pid;
      assert.ok(pid);
      Deno.kill(pid, "SIGKILL");
      await eventually("its end", () => part.pid !== pid);
      if (death < 2) await part.ready();
    }
    await eventually("the failure", () => failures.length > 0);
    assert.match(
      failures[0]?.message ?? "",
      /^Part died 3 times within 10 s \(SIGKILL\).*\n +up$/s,
    );
    assert.equal(lines.length, 2);
    await assert.rejects(part.ready(), /Part is broken/);
  });
});

Deno.test("kill() does not count as a death", async () => {
  await withPart(steady, {}, async (part, { lines, failures }) => {
    await part.start();
    for (let round = 0; round < 5; round++) {
      const before = part.pid;
      part.kill();
      await part.ready();
      assert.notEqual(part.pid, before);
    }
    assert.equal(lines.length, 5);
    assert.deepEqual(failures, []);
  });
});

Deno.test("a part that was taken down stays down until restart(), and can be stopped", async () => {
  await withPart(steady, {}, async (part, { lines, failures }) => {
    await part.start();
    const before = part.pid;
    await part.takeDown();
    await eventually("it is down", () => part.state === "down");
    assert.equal(part.pid, undefined);
    await assert.rejects(part.ready(), /Part is down/);
    await part.takeDown();
    await part.restart();
    assert.notEqual(part.pid, before);
    assert.equal(part.state, "ready");
    await part.takeDown();
    await part.stop();
    assert.equal(part.state, "stopped");
    assert.deepEqual([lines, failures], [[], []]);
  });
});

Deno.test("restart() starts another process silently", async () => {
  await withPart(steady, {}, async (part, { lines }) => {
    await part.start();
    const before = part.pid;
    await part.restart();
    assert.notEqual(part.pid, before);
    assert.equal(part.state, "ready");
    assert.deepEqual(lines, []);
  });
});

Deno.test("a part on demand sleeps until ready(), and again after restart(), even if it was broken", async () => {
  await withPart(steady, { onDemand: true }, async (part, { lines }) => {
    await part.start();
    assert.deepEqual([part.state, part.pid], ["asleep", undefined]);
    await part.restart();
    assert.equal(part.state, "asleep");
    await Promise.all([part.ready(), part.ready()]);
    const before = part.pid;
    assert.ok(before);
    part.kill();
    await part.ready();
    assert.notEqual(part.pid, before);
    await part.restart();
    await eventually("it sleeps", () => part.state === "asleep");
    assert.equal(part.pid, undefined);
    // Who asks while it ends has it started again.
    await part.ready();
    const restarted = part.restart();
    await part.ready();
    await restarted;
    assert.equal(part.state, "ready");
    await part.stop();
    assert.equal(part.state, "stopped");
    assert.equal(lines.length, 1);
  });
  await withPart("exit 7", { onDemand: true, hopeless: "wait" }, async (part) => {
    await part.start();
    for (let round = 0; round < 2; round++) {
      await assert.rejects(part.ready(), /Part is broken/);
      await part.restart();
      await eventually("it sleeps", () => part.state === "asleep");
    }
  });
});

Deno.test("a part that does not come up fails at once with its log", async () => {
  await withPart("echo no room >&2; exit 7", {}, async (part, { failures }) => {
    await assert.rejects(
      part.start(),
      /^Error: Part did not start \(code 7\).*part\.log:\n +no room$/s,
    );
    assert.deepEqual(failures, []);
  });
});

Deno.test("a part that is allowed to wait stays down until it is restarted", async () => {
  await withFolder(async (folder) => {
    const flag = join(folder, "mended");
    await withPart(
      `test -e ${flag} || exit 1; ${steady}`,
      { hopeless: "wait" },
      async (part, heard) => {
        await part.start();
        assert.equal(part.state, "broken");
        assert.match(heard.lines.join(), /^Part did not start/);
        await assert.rejects(part.restart());
        await Deno.writeTextFile(flag, "");
        await part.restart();
        assert.equal(part.state, "ready");
        assert.deepEqual(heard.failures, []);
      },
    );
  });
});

Deno.test("stop() ends a process that ignores signals or is frozen", async () => {
  await withPart("trap '' TERM; echo up; while :; do sleep 0.1; done", {}, async (part) => {
    await part.start();
    await part.stop();
    assert.equal(part.pid, undefined);
    assert.equal(part.state, "stopped");
  });
  const endings: PartSpecification["endings"] = [{ signal: "SIGTERM", patience: 10_000 }];
  await withPart(steady, { endings }, async (part, { lines }) => {
    await part.start();
    part.kill("SIGSTOP");
    const start = performance.now();
    await part.stop();
    assert.ok(
      performance.now() - start < 5000,
      "a frozen process is woken so that it ends in order",
    );
    assert.deepEqual(lines, []);
  });
});
