import assert from "node:assert/strict";
import { createLog, describeError, type Log } from "../../supabase/functions/_shared/http/log.ts";
import { captureLines } from "./captured_lines.ts";

Deno.test("createLog() writes a line of JSON with the function's name, and errors to stderr", async () => {
  const lines = await captureLines(() => {
    const log = createLog("users-me");
    log("info", "request", { request_id: "abcdefgh", status: 200, reason: undefined });
    log("warn", "two\nlines", { error: 'quo"ted\u2028' });
    log("error", "request");
    return Promise.resolve();
  });
  assert.deepEqual(lines.map(({ stream }) => stream), ["stdout", "stderr", "stderr"]);
  assert.ok(lines.every(({ text }) => !text.includes("\n")));
  assert.deepEqual(lines.map(({ text }) => JSON.parse(text)), [
    {
      level: "info",
      function: "users-me",
      message: "request",
      request_id: "abcdefgh",
      status: 200,
    },
    { level: "warn", function: "users-me", message: "two\nlines", error: 'quo"ted\u2028' },
    { level: "error", function: "users-me", message: "request" },
  ]);
});

/** The lines that are logged while the clock shows `at`. */
async function write(run: (log: Log, clock: { at: number }) => void) {
  const clock = { at: 1000 };
  const log = createLog("users-me", { now: () => clock.at });
  const lines = await captureLines(() => Promise.resolve(run(log, clock)));
  return lines.map(({ text }) => JSON.parse(text));
}

function times(count: number, run: (index: number) => void): void {
  for (let index = 0; index < count; index++) run(index);
}

Deno.test("a failure after a burst of successes is logged with the number of lines left out", async () => {
  const lines = await write((log) => {
    times(1000, () => log("info", "request", { status: 200 }));
    log("error", "request", { status: 500 });
    log("info", "request", { status: 200 });
    log("warn", "request", { status: 401 });
  });
  assert.deepEqual(lines.map(({ status }) => status), [...Array(20).fill(200), 500, 401]);
  assert.deepEqual(lines.map(({ left_out }) => left_out ?? 0), [...Array(20).fill(0), 980, 1]);
});

Deno.test("every failure is logged, and failures do not count against the limit for successes", async () => {
  const lines = await write((log) => {
    times(1000, (index) => log(index % 2 === 0 ? "warn" : "error", "request", { index }));
    times(30, () => log("info", "request"));
  });
  assert.equal(lines.filter(({ level }) => level !== "info").length, 1000);
  assert.equal(lines.filter(({ level }) => level === "info").length, 20);
  assert.ok(lines.every((line) => !("left_out" in line)));
});

Deno.test("successes are logged again after ten seconds with the number of lines left out", async () => {
  const lines = await write((log, clock) => {
    times(25, () => log("info", "request", { at: clock.at }));
    clock.at += 9_999;
    log("info", "request", { at: clock.at });
    clock.at += 1;
    times(25, () => log("info", "request", { at: clock.at }));
  });
  assert.deepEqual(lines.map(({ at }) => at), [...Array(20).fill(1000), ...Array(20).fill(11_000)]);
  assert.deepEqual(lines.flatMap(({ left_out }) => left_out ?? []), [6]);
  assert.equal(lines[20].left_out, 6);
});

Deno.test("successes are logged again when the clock is set back", async () => {
  const lines = await write((log, clock) => {
    times(25, () => log("info", "request"));
    clock.at -= 3_600_000;
    log("info", "request");
  });
  assert.equal(lines.length, 21);
});

Deno.test("a rarely called function logs every success", async () => {
  const lines = await write((log, clock) => {
    times(100, () => {
      log("info", "request");
      clock.at += 501;
    });
  });
  assert.equal(lines.length, 100);
});

Deno.test("describeError() returns an error's name and where it was thrown", () => {
  function throwing() {
    return new RangeError("canary");
  }
  const described = describeError(throwing());
  assert.match(described, /^RangeError at throwing .*log_test\.ts:\d+:\d+/);
  assert.ok(!described.includes("canary"));
  assert.ok(!described.includes("\n"));
});

Deno.test("describeError() never quotes a message, not even one that looks like a frame", () => {
  for (const message of ["canary", "x\n    at canary (file:///canary.ts:1:1)\n    at canary\n"]) {
    const error = new Error(message);
    assert.ok(!describeError(error).includes("canary"));
    assert.match(describeError(error), /^Error at .*log_test\.ts/);
  }
});

Deno.test("describeError() returns at most eight frames", () => {
  function deep(levels: number): Error {
    return levels === 0 ? new Error("deep") : deep(levels - 1);
  }
  assert.equal(describeError(deep(50)).match(/\bat /g)?.length, 8);
});

Deno.test("describeError() returns only the type of a value that is not an error", () => {
  for (const thrown of ["canary", { message: "canary" }, undefined, 7]) {
    assert.equal(describeError(thrown), typeof thrown);
  }
});

Deno.test("describeError() works without a stack", () => {
  const error = new TypeError("canary");
  Object.defineProperty(error, "stack", { value: undefined });
  assert.equal(describeError(error), "TypeError");
});
