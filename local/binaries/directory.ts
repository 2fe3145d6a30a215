import { join } from "node:path";
import { ownerOf } from "../owner.ts";

/**
 * The folder that holds installed binaries: the checkout's, shared by all its stacks, or the stack's
 * own where the checkout's is another account's or cannot be written to.
 */
export async function binariesDirectory(checkout: string, stack: string): Promise<string> {
  const shared = join(checkout, ".local", "binaries");
  const owner = await ownerOf(join(checkout, ".local"));
  if (owner !== null && owner !== Deno.uid()) return join(stack, "binaries");
  try {
    await Deno.mkdir(shared, { recursive: true });
    await Deno.remove(await Deno.makeTempDir({ dir: shared, prefix: ".writable-" }));
    return shared;
  } catch (error) {
    const closed = error instanceof Deno.errors.PermissionDenied;
    // A link to what is not there, as to a disk that is not mounted.
    const dead = error instanceof Deno.errors.AlreadyExists;
    if (closed || dead) return join(stack, "binaries");
    throw error;
  }
}
