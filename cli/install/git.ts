import { join, relative } from "node:path";

/** What git knows about an application. */
export type Repository = {
  /** Paths with uncommitted changes, relative to the project; those outside begin with `../`. */
  changed(): Promise<string[]>;
  /** Those of the paths that git does not have at all. */
  untracked(paths: readonly string[]): Promise<string[]>;
  /** The current commit, if it has all these files as they are now. Paths are relative to the project. */
  commitWith(paths: readonly string[]): Promise<string | undefined>;
  /** A file's text in a commit, as git would check it out. Undefined if git does not have it, as in a shallow clone. */
  show(commit: string, path: string): Promise<string | undefined>;
  /** Those of the paths that git would not add. */
  ignored(paths: readonly string[]): Promise<string[]>;
  isTracked(path: string): Promise<boolean>;
};

/**
 * Undefined if the project is in no git repository, or git is not installed.
 *
 * @throws Error if git cannot read the repository: it must not count as one without changes
 */
export async function openRepository(project: string): Promise<Repository | undefined> {
  const top = await git(project, ["rev-parse", "--show-toplevel"]);
  if (top === undefined || /not a git repository \(or any/.test(top.errors)) return undefined;
  if (!top.success) throw refuse(top.errors);
  const root = top.output.trim();
  const place = await Deno.realPath(project);

  return {
    async changed() {
      const status = await git(project, ["status", "--porcelain", "-z", "--untracked-files=all"]);
      if (!status?.success) throw refuse(status?.errors ?? "");
      const entries = status.output.split("\0");
      const paths: string[] = [];
      for (let index = 0; index < entries.length; index++) {
        const entry = entries[index] ?? "";
        if (entry === "") continue;
        paths.push(relative(place, join(root, entry.slice(3))));
        // A renamed file's former path follows as an entry of its own.
        if (/^.?[RC]/.test(entry)) index++;
      }
      return paths;
    },
    async untracked(paths) {
      const listed = await git(project, ["ls-files", "-z"]);
      const tracked = new Set(listed?.output.split("\0"));
      return paths.filter((path) => !tracked.has(path));
    },
    async commitWith(paths) {
      const head = await git(project, ["rev-parse", "HEAD"]);
      const listed = await git(project, ["ls-files", "-z", "--", ...paths]);
      const same = await git(project, ["diff", "--quiet", "HEAD", "--", ...paths]);
      const count = listed?.output.split("\0").filter((path) => path !== "").length;
      return head?.success && same?.success && count === paths.length
        ? head.output.trim()
        : undefined;
    },
    async show(commit, path) {
      const shown = await git(project, ["cat-file", "--filters", `${commit}:./${path}`]);
      return shown?.success ? shown.output : undefined;
    },
    async ignored(paths) {
      // There may be more than arguments have room for.
      const checked = await git(project, ["check-ignore", "-z", "--stdin"], paths.join("\0"));
      return (checked?.output ?? "").split("\0").filter((path) => path !== "");
    },
    isTracked: async (path) =>
      (await git(project, ["ls-files", "--error-unmatch", path]))?.success === true,
  };
}

function refuse(errors: string): Error {
  const [reason = ""] = errors.trim().split("\n");
  return new Error(
    `git cannot read the repository (${reason}). See what git status says, mend it, and try again`,
  );
}

async function git(folder: string, args: string[], input?: string) {
  try {
    const command = new Deno.Command("git", {
      args: ["-C", folder, ...args],
      stdin: input === undefined ? "null" : "piped",
      stdout: "piped",
      stderr: "piped",
      // Its messages are read.
      env: { LC_ALL: "C" },
    });
    const process = command.spawn();
    const [{ success, stdout, stderr }] = await Promise.all([
      process.output(),
      // If git ends before it has read all, its status says why.
      input === undefined ? undefined : new Blob([input]).stream().pipeTo(process.stdin)
        .catch(() => {}),
    ]);
    // A file's byte order mark is part of it.
    const output = new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout);
    return { success, output, errors: new TextDecoder().decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
