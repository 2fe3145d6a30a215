import assert from "node:assert/strict";

/** Git without this account's own settings. It need not last beyond the test. */
export const gitEnvironment = {
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_COUNT: "1",
  GIT_CONFIG_KEY_0: "core.fsync",
  GIT_CONFIG_VALUE_0: "none",
  GIT_AUTHOR_NAME: "Test",
  GIT_AUTHOR_EMAIL: "test@example.com",
  GIT_COMMITTER_NAME: "Test",
  GIT_COMMITTER_EMAIL: "test@example.com",
};

/** Runs git, which must succeed. Returns what it prints. */
export async function git(folder: string, ...args: string[]): Promise<string> {
  return await run(folder, "git", args);
}

const commitAll = "git add --all && git commit --quiet --message=Change";

/** Commits all that is in the folder. */
export async function commit(folder: string): Promise<void> {
  await run(folder, "sh", ["-c", commitAll]);
}

/** Makes a repository of the folder, with all that is in it. */
export async function createRepository(folder: string): Promise<void> {
  await run(folder, "sh", ["-c", `git init --quiet --initial-branch=main && ${commitAll}`]);
}

async function run(folder: string, command: string, args: string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args,
    cwd: folder,
    env: gitEnvironment,
    stdin: "null",
  }).output();
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  assert.ok(success, `${command} ${args.join(" ")}: ${read(stderr)}`);
  return read(stdout);
}

/** What git sees of uncommitted changes, a line each. */
export async function status(folder: string): Promise<string[]> {
  const text = await git(folder, "status", "--porcelain", "--untracked-files=all");
  return text.split("\n").filter((line) => line !== "");
}
