import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunningStack } from "../../local/stack.ts";
import { eventually } from "../support/eventually.ts";
import { findLeaks, secretsOf } from "../support/leaks/leak.ts";
import { describeScan, isClean, scanFunctionLogs } from "../support/leaks/log_scan.ts";
import { type Answer, call, errorOf } from "../support/stack/supabase.ts";

/** Checks every answer of one test, and at the test's end the logs. */
export interface Watch {
  /** Checks an answer. Returns an error's code, or "served" for a success. */
  hear(answer: Answer): string;
  /** The same for an answer that must be an error. */
  refused(answer: Answer): string;
  /** The same for an answer that must be a success. */
  served(answer: Answer): void;
  /** Asserts that every error is in the functions' logs, and that the logs leak nothing. */
  assertQuiet(): Promise<void>;
}

/** Makes a watch for the test file's own stack. */
export function watchLeaks({ directory, values, functions }: RunningStack): Watch {
  const secrets = secretsOf(values);
  const names = [...functions.keys()];
  let requests = 0;
  /** Request ids of the errors. Not all successes are logged. */
  const errors = new Set<string>();

  function hear(answer: Answer): string {
    const id = answer.headers.get("x-request-id");
    assert.ok(id, `the answer must come from a function: ${answer.status}`);
    requests++;
    if (answer.status < 400) return "served";
    errors.add(id);
    const text = JSON.stringify([answer.body, [...answer.headers]]);
    assert.deepEqual(findLeaks(text, secrets), [], text);
    return errorOf(answer).code;
  }

  async function unlogged(): Promise<string[]> {
    const logs = await Promise.all(
      names.map((name) => Deno.readTextFile(join(directory, "logs", `${name}.log`))),
    );
    const logged = logs.join("\n");
    return [...errors].filter((id) => !logged.includes(id));
  }

  return {
    hear,
    refused(answer) {
      const code = hear(answer);
      assert.notEqual(code, "served", JSON.stringify(answer.body));
      return code;
    },
    served: (answer) => assert.equal(hear(answer), "served"),
    async assertQuiet() {
      assert.ok(requests > 0, "the test sent no request");
      // The last line of each function. Once it is in the log, so is everything before it.
      for (const name of names) hear(await call(name, { method: "DELETE" }));
      await eventually("the errors are logged", async () => (await unlogged()).length === 0);
      const scan = await scanFunctionLogs(directory, values);
      assert.ok(scan.lines >= errors.size);
      assert.ok(isClean(scan), describeScan(scan));
    },
  };
}
