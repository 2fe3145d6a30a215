import { findOtherHome } from "./home.ts";
import { ifPresent } from "./presence.ts";

/**
 * Lets nobody work in a stack folder of another account, where what one makes the other could neither
 * read nor remove, nor in another stack's folder by a link that came with a copy of its checkout.
 *
 * @throws Error that names the owner and the way on.
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

/** The account that a file or folder belongs to; null where there is none. */
export async function ownerOf(path: string): Promise<number | null> {
  return (await ifPresent(Deno.stat(path)))?.uid ?? null;
}

/**
 * Takes a link to what is not there, as to a disk that is not mounted, for no empty folder.
 *
 * @throws Error that names both and the way on.
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
