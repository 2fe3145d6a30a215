import { type InstanceKey, readInstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { loadKeys } from "../../local/keys/keys.ts";
import { type OwnStack, startOwnStack } from "../support/stack/own_stack.ts";
import { createLeakWatch, type LeakWatch } from "./leaks.ts";

/** A stack for one test file. Its tests may use the instance key, as an attacker who holds it would. */
export interface AttackedStack extends OwnStack {
  /** The double's signing key, for tokens that are genuinely signed but unfit. */
  readonly instanceKey: InstanceKey;
  readonly leaks: LeakWatch;
}

export async function startAttackedStack(): Promise<AttackedStack> {
  const own = await startOwnStack();
  const keys = await loadKeys(own.stack.directory);
  return {
    ...own,
    instanceKey: await readInstanceKey(keys.clerkPrivateKeyPem),
    leaks: createLeakWatch(own.stack.directory, own.stack.values),
  };
}
