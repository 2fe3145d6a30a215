import type { Account } from "../supervisor/process.ts";

/** The account that PostgreSQL runs as: nobody's when this process is root, which it refuses. */
export async function serverAccount(): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  return { uid: await identity("-u"), gid: await identity("-g") };
}

/**
 * Runs a shell script as the server's account, or as this process' own where there is none.
 *
 * For whatever is in the account's folder: a link planted there leads only to what is the account's
 * anyway, not to root's files.
 *
 * @param args The script's `$1` and on.
 * @param input What it reads.
 * @returns Standard output, or the standard error of a script that failed.
 */
export async function runAs(
  account: Account | undefined,
  script: string,
  args: string[],
  input = "",
): Promise<{ success: boolean; text: string }> {
  const child = new Deno.Command("/bin/sh", {
    args: ["-c", script, "sh", ...args],
    cwd: "/",
    clearEnv: true,
    env: { PATH: "/usr/bin:/bin", TZ: "UTC" },
    ...account,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  // One that ends without reading is told of by its status.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await child.output();
  return { success, text: new TextDecoder().decode(success ? stdout : stderr).trim() };
}

/** True where an account can enter a folder, whatever the permissions of the folders above it. */
export async function canEnter(account: Account, directory: string): Promise<boolean> {
  return (await runAs(account, 'cd "$1"', [directory])).success;
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
