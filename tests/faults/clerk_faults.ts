import { askDouble } from "../../local/clerk/control/client.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import type { Restore } from "./parts.ts";

/** Makes the double fail on these requests until restored. */
export async function misbehave(...faults: readonly Record<string, unknown>[]): Promise<Restore> {
  await control("PUT", "faults", { faults });
  return async () => {
    await control("DELETE", "faults");
  };
}

/** Makes Clerk sign with a new key. The key set still shows the previous key for `keepMs` milliseconds. */
export async function rotateKey(keepMs: number): Promise<void> {
  await control("POST", "keys/rotate", { keep_ms: keepMs });
}

async function control(method: string, path: string, body?: unknown): Promise<void> {
  const response = await askDouble(runningStack(), method, path, body);
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${text}`);
}
