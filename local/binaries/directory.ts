import { join } from "node:path";
import { ownerOf } from "../owner.ts";

/**
 * The folder of installed binaries. All stacks of a checkout share the checkout's, unless it belongs to
 * another account or cannot be written to. A stack then has its own.
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
    // The folder is a link with a missing target, such as a disk that is not mounted.
    const dead = error instanceof Deno.errors.AlreadyExists;
    if (closed || dead) return join(stack, "binaries");
    throw error;
  }
}
