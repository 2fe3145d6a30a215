import assert from "node:assert/strict";
import { createLog, describeError } from "../../supabase/functions/_shared/log.ts";
import { captureLines } from "./captured_lines.ts";

Deno.test("createLog() writes a line of JSON with the function's name, errors to stderr", async () => {
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

Deno.test("describeError() gives an error's name and where it was thrown", () => {
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

Deno.test("describeError() gives eight frames at most", () => {
  function deep(levels: number): Error {
    return levels === 0 ? new Error("deep") : deep(levels - 1);
  }
  assert.equal(describeError(deep(50)).match(/\bat /g)?.length, 8);
});

Deno.test("describeError() tells of what is no error only its type", () => {
  for (const thrown of ["canary", { message: "canary" }, undefined, 7]) {
    assert.equal(describeError(thrown), typeof thrown);
  }
});

Deno.test("describeError() does without a stack", () => {
  const error = new TypeError("canary");
  Object.defineProperty(error, "stack", { value: undefined });
  assert.equal(describeError(error), "TypeError");
});
