/**
 * What a look at the file system finds, or undefined where there is nothing. What is there and cannot
 * be read is not nothing: taken for it, it would be made anew over what it holds.
 */
export async function ifPresent<Value>(look: Promise<Value>): Promise<Value | undefined> {
  try {
    return await look;
  } catch (error) {
    if (isAbsence(error)) return undefined;
    throw error;
  }
}

/** Whether a look failed because there is nothing: by that name, or below what is a file. */
export function isAbsence(error: unknown): boolean {
  return error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory;
}

/** Removes a file or a folder with all that is in it, where there is one. Links are not followed. */
export async function removeAll(path: string): Promise<void> {
  await ifPresent(Deno.remove(path, { recursive: true }));
}
