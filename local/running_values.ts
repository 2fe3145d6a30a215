import { requireOwnFolder } from "./owner.ts";
import { findHolder } from "./supervisor/lock.ts";
import { type StackValues, valuesFile } from "./values.ts";

/**
 * The values of the stack that runs in a folder.
 *
 * @throws Error with what to do if no stack runs, or it is not ready yet
 */
export async function readRunningValues(directory: string): Promise<StackValues> {
  await requireOwnFolder(directory);
  if (await findHolder(directory) === undefined) {
    throw new Error(`No stack runs in ${directory}. Start one with: deno task start`);
  }
  const values = await valuesFile(directory).read();
  if (values === undefined) throw new Error(`The stack in ${directory} is not ready yet`);
  return values;
}
