import type { Account } from "../supervisor/process.ts";

/** The account that PostgreSQL runs as: nobody's when this process is root, which it refuses. */
export async function serverAccount(): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  return { uid: await identity("-u"), gid: await identity("-g") };
}

/** True where an account can enter a folder, whatever the permissions of the folders above it. */
export async function canEnter(account: Account, directory: string): Promise<boolean> {
  const { success } = await new Deno.Command("/bin/sh", {
    args: ["-c", 'cd "$1"', "sh", directory],
    cwd: "/",
    ...account,
    stdout: "null",
    stderr: "null",
  }).output();
  return success;
}

async function identity(option: "-u" | "-g"): Promise<number> {
  const { success, stdout } = await new Deno.Command("id", {
    args: [option, "nobody"],
    stderr: "null",
  }).output();
  // macOS gives it as a negative number.
  if (success) return Number(new TextDecoder().decode(stdout).trim()) >>> 0;
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has no user "nobody" to run it as. ' +
      "Start the stack as another user",
  );
}
