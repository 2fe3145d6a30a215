import { findOtherHome } from "./home.ts";
import { ifPresent } from "./presence.ts";

/**
 * Refuses a stack folder of another account, because neither account could read or remove the other's
 * files there. Also refuses another stack's folder, reached by a link that came with a copied checkout.
 *
 * @throws Error that names the owner and what to do.
 */
export async function requireOwnFolder(directory: string): Promise<void> {
  await requireEndOfLink(directory);
  const owner = await ownerOf(directory);
  const self = Deno.uid();
  if (owner === null) return;
  if (owner !== self) {
    const [theirs, own] = await Promise.all([nameOf(owner), nameOf(self)]);
    throw new Error(
      `${directory} belongs to ${theirs}, but you are ${own}. Work there as ${theirs}, or ` +
        "choose another folder with LOCAL_DIR",
    );
  }
  const other = await findOtherHome(directory);
  if (other === undefined) return;
  throw new Error(
    `${directory} is a link to the folder of the stack in ${other}. Remove the link to have a ` +
      `separate stack here, or use that one with LOCAL_DIR=${other}`,
  );
}

/** The account that owns a file or folder; null if it does not exist. */
export async function ownerOf(path: string): Promise<number | null> {
  return (await ifPresent(Deno.stat(path)))?.uid ?? null;
}

/**
 * Refuses a link with a missing target, such as a disk that is not mounted: it is no empty folder.
 *
 * @throws Error that names the link, its target and what to do.
 */
export async function requireEndOfLink(path: string): Promise<void> {
  const isLink = (await ifPresent(Deno.lstat(path)))?.isSymlink === true;
  if (!isLink || await ifPresent(Deno.stat(path)) !== undefined) return;
  throw new Error(
    `${path} is a link to ${await Deno.readLink(path)}, which does not exist. Restore it, or ` +
      "remove the link to start over",
  );
}

async function nameOf(uid: number | null): Promise<string> {
  const { success, stdout } = await new Deno.Command("id", {
    args: ["-un", String(uid)],
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout).trim() : `user ${uid}`;
}
