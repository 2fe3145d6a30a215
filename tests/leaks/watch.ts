import assert from "node:assert/strict";
import { join } from "node:path";
import type { RunningStack } from "../../local/stack.ts";
import { eventually } from "../support/eventually.ts";
import { findLeaks, secretsOf } from "../support/leaks/leak.ts";
import { describeScan, isClean, scanFunctionLogs } from "../support/leaks/log_scan.ts";
import { type Answer, call, errorOf } from "../support/stack/supabase.ts";

/** Hears every answer of one test, and looks at its end at what was logged meanwhile. */
export interface Watch {
  /** Looks at an answer. Returns the code of an error, "served" for a success. */
  hear(answer: Answer): string;
  /** The same of an answer that must be an error. */
  refused(answer: Answer): string;
  /** The same of an answer that must be a success. */
  served(answer: Answer): void;
  /** Asserts that every error has its line in the functions' logs, and that nothing leaks in them. */
  assertQuiet(): Promise<void>;
}

/** The watch over a stack of the test file's own. */
export function watchLeaks({ directory, values, functions }: RunningStack): Watch {
  const secrets = secretsOf(values);
  const names = [...functions.keys()];
  let requests = 0;
  /** Request ids of the errors: of successes not all need be logged. */
  const errors = new Set<string>();

  function hear(answer: Answer): string {
    const id = answer.headers.get("x-request-id");
    assert.ok(id, `a function has answered, not what is before it: ${answer.status}`);
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
      assert.ok(requests > 0, "nothing was asked");
      // Each function's last line: when it is in the log, everything before it is.
      for (const name of names) hear(await call(name, { method: "DELETE" }));
      await eventually("the errors are logged", async () => (await unlogged()).length === 0);
      const scan = await scanFunctionLogs(directory, values);
      assert.ok(scan.lines >= errors.size);
      assert.ok(isClean(scan), describeScan(scan));
    },
  };
}
