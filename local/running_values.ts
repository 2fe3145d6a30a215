import { join, sep } from "node:path";
import { checkout } from "./options.ts";
import { requireOwnFolder } from "./owner.ts";
import { ifPresent } from "./presence.ts";
import { findHolder } from "./supervisor/lock.ts";
import { type StackValues, valuesFile } from "./values.ts";

/** The packed form cannot start a stack, and npx removes its folder afterwards. */
async function isPacked(): Promise<boolean> {
  return await ifPresent(Deno.stat(join(checkout, "local", "console"))) === undefined;
}

/**
 * The values of the stack that runs in a folder.
 *
 * @throws Error with what to do if no stack runs, or it is not ready yet
 */
export async function readRunningValues(directory: string): Promise<StackValues> {
  await requireOwnFolder(directory);
  if (await findHolder(directory) === undefined) {
    if (directory.startsWith(`${checkout}${sep}`) && await isPacked()) {
      throw new Error("There is no local stack here. Start one in a checkout of the repository");
    }
    throw new Error(`No stack runs in ${directory}. Start one with: deno task start`);
  }
  const values = await valuesFile(directory).read();
  if (values === undefined) throw new Error(`The stack in ${directory} is not ready yet`);
  return values;
}
