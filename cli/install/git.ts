import { basename, dirname, join, relative } from "node:path";
import { findRealPlace } from "./real_place.ts";

/** What git knows about an application. */
export type Repository = {
  /** Paths with uncommitted changes, relative to the project; those outside begin with `../`. */
  changed(): Promise<string[]>;
  /** A path as `changed()` has it: beyond all links, relative to the project. */
  nameOf(path: string): Promise<string>;
  /** Those of the paths that git does not have at all. */
  untracked(paths: readonly string[]): Promise<string[]>;
  /** The current commit, if it has all these files as they are now. Paths are relative to the project. */
  commitWith(paths: readonly string[]): Promise<string | undefined>;
  /** A file's text in a commit, as git would check it out. Undefined if git does not have it, as in a shallow clone. */
  show(commit: string, path: string): Promise<string | undefined>;
  /** Whether a file may be run, as a commit has it. */
  isExecutable(commit: string, path: string): Promise<boolean>;
  /** Those of the paths that git would not add. */
  ignored(paths: readonly string[]): Promise<string[]>;
  /** Whether git would add the file. What is outside of the repository, it would not. */
  wouldAdd(path: string): Promise<boolean>;
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

  /** A file's path from the top of the repository. */
  const locate = async (path: string) => relative(root, await findRealPlace(join(project, path)));
  /** The same for what may be a link itself. */
  const locateEntry = async (path: string) => join(await locate(dirname(path)), basename(path));

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
    nameOf: async (path) => relative(place, join(root, await locate(path))),
    async untracked(paths) {
      const listed = await git(root, ["ls-files", "-z"]);
      const tracked = new Set(listed?.output.split("\0"));
      const untracked: string[] = [];
      for (const path of paths) if (!tracked.has(await locateEntry(path))) untracked.push(path);
      return untracked;
    },
    async commitWith(paths) {
      const names = await Promise.all(paths.map(locateEntry));
      const head = await git(project, ["rev-parse", "HEAD"]);
      const listed = await git(root, ["ls-files", "-z", "--", ...names]);
      const same = await git(root, ["diff", "--quiet", "HEAD", "--", ...names]);
      const count = listed?.output.split("\0").filter((path) => path !== "").length;
      return head?.success && same?.success && count === paths.length
        ? head.output.trim()
        : undefined;
    },
    async show(commit, path) {
      const name = await locateEntry(path);
      const shown = await git(root, ["cat-file", "--filters", `${commit}:${name}`]);
      return shown?.success ? shown.output : undefined;
    },
    async isExecutable(commit, path) {
      const listed = await git(root, ["ls-tree", commit, "--", await locateEntry(path)]);
      return listed?.output.startsWith("100755") === true;
    },
    async ignored(paths) {
      const located = await Promise.all(
        paths.map(async (path) => [await locate(path), path] as const),
      );
      const byName = new Map(located.filter(([name]) => !isOutside(name)));
      // There may be more than arguments have room for.
      const names = [...byName.keys()].join("\0");
      const checked = await git(root, ["check-ignore", "-z", "--stdin"], names);
      return (checked?.output ?? "").split("\0").flatMap((name) => byName.get(name) ?? []);
    },
    async wouldAdd(path) {
      const name = await locate(path);
      // Git says 1 for a file that is not ignored, and more if it cannot tell.
      return !isOutside(name) && (await git(root, ["check-ignore", "--quiet", name]))?.code === 1;
    },
    async isTracked(path) {
      const name = await locate(path);
      return !isOutside(name) &&
        (await git(root, ["ls-files", "--error-unmatch", name]))?.success === true;
    },
  };
}

function isOutside(name: string): boolean {
  return name === ".." || name.startsWith("../");
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
    const [{ success, code, stdout, stderr }] = await Promise.all([
      process.output(),
      // If git ends before it has read all, its status says why.
      input === undefined ? undefined : new Blob([input]).stream().pipeTo(process.stdin)
        .catch(() => {}),
    ]);
    // A file's byte order mark is part of it.
    const output = new TextDecoder("utf-8", { ignoreBOM: true }).decode(stdout);
    return { success, code, output, errors: new TextDecoder().decode(stderr) };
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
