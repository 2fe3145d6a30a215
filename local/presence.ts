/**
 * Returns what a look at the file system finds, or undefined if nothing is there. A file that cannot
 * be read is an error: if it counted as absent, a new one would overwrite it.
 */
export async function ifPresent<Value>(look: Promise<Value>): Promise<Value | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether a look failed because nothing has that name, or because a folder above it is a file. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** Removes a file, or a folder with its contents, if it exists. Does not follow links. */
export async function removeAll(path: string): Promise<void> {
  await ifPresent(Deno.remove(path, { recursive: true }));
}
