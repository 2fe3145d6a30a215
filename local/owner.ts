/**
 * Lets nobody work in a stack folder of another account: what one makes there the other could neither
 * read nor remove.
 *
 * @throws Error that names the owner and the way on.
 */
export async function requireOwnFolder(directory: string): Promise<void> {
  const owner = await ownerOf(directory);
  const self = Deno.uid();
  if (owner === null || owner === self) return;
  const [theirs, own] = await Promise.all([nameOf(owner), nameOf(self)]);
  throw new Error(
    `${directory} belongs to ${theirs}, and this is ${own}. Work there as ${theirs}, or choose ` +
      "another folder with LOCAL_DIR",
  );
}

/** The account that a file or folder belongs to; null where there is none to be seen. */
export async function ownerOf(path: string): Promise<number | null> {
  return await Deno.stat(path).then(({ uid }) => uid, () => null);
}

async function nameOf(uid: number | null): Promise<string> {
  const { success, stdout } = await new Deno.Command("id", {
    args: ["-un", String(uid)],
    stderr: "null",
  }).output();
  return success ? new TextDecoder().decode(stdout).trim() : `user ${uid}`;
}
