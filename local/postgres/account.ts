import type { Account } from "../supervisor/process.ts";

/** The account that PostgreSQL runs as: `nobody` if this process is root, because it refuses root. */
export async function serverAccount(): Promise<Account | undefined> {
  if (Deno.uid() !== 0) return undefined;
  return { uid: await identity("-u"), gid: await identity("-g") };
}

/**
 * Runs a shell script as the server's account, or as this process' own if there is none.
 *
 * Use it for everything in the account's folder: root would follow a link planted there to root's own
 * files, but the account cannot open those.
 *
 * @param args The script's `$1`, `$2` and so on.
 * @param input The script's standard input.
 * @returns Standard output, or standard error if the script failed.
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
  // If the script ends without reading, its status says why.
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { success, stdout, stderr } = await child.output();
  return { success, text: new TextDecoder().decode(success ? stdout : stderr).trim() };
}

/** Whether an account can enter a folder, given the permissions of all folders above it. */
export async function canEnter(account: Account, directory: string): Promise<boolean> {
  return (await runAs(account, 'cd "$1"', [directory])).success;
}

async function identity(option: "-u" | "-g"): Promise<number> {
  const { success, stdout } = await new Deno.Command("id", {
    args: [option, "nobody"],
    stderr: "null",
  }).output();
  // macOS prints it as a negative number.
  if (success) return Number(new TextDecoder().decode(stdout).trim()) >>> 0;
  throw new Error(
    'PostgreSQL refuses to run as root, and this machine has no user "nobody" to run it as. ' +
      "Start the stack as another user",
  );
}
