import { join } from "node:path";

/**
 * Keeps a project to this process until it ends, however it ends. A command that only reads shares it
 * with others that only read.
 *
 * The system holds the lock on the folder, so nothing of it lies about, and a process that was killed
 * holds none.
 *
 * @throws Error if another command is at work there
 */
export function lockProject(project: string, { shared }: { shared: boolean }): Disposable {
  const folder = Deno.openSync(join(project, "supabase"), { read: true });
  try {
    if (folder.tryLockSync(!shared)) return folder;
  } catch {
    // Some file systems, such as NFS, lock no folder.
    return folder;
  }
  folder.close();
  throw new Error(
    "Another install or uninstall is at work in this folder. Wait until it has ended, and try again",
  );
}
