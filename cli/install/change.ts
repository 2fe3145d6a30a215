import { formatPatch, structuredPatch } from "diff";
import type { ReadFile } from "./project_file.ts";

/** A file's text before and after; null where there is no file. The path is relative to the project. */
export type Change = {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
  /** Whether a new file may be run. */
  readonly executable?: boolean;
};

/** Whether the change does anything. */
export function isEffective({ before, after }: Change): boolean {
  return before !== after;
}

/**
 * The changes that lead to these texts, in the order of their paths; null is no file.
 *
 * @param executable paths of new files that may be run
 */
export async function collectChanges(
  after: ReadonlyMap<string, string | null>,
  read: ReadFile,
  executable: ReadonlySet<string> = new Set(),
): Promise<Change[]> {
  const changes = await Promise.all(
    [...after].map(async ([path, text]) => ({
      path,
      before: await read(path) ?? null,
      after: text,
      ...(executable.has(path) ? { executable: true } : {}),
    })),
  );
  return changes.sort((one, other) => one.path < other.path ? -1 : 1);
}

/** The changes as a patch that `git apply` takes. */
export function describeChanges(changes: readonly Change[]): string {
  return changes.map(describeChange).join("");
}

function describeChange({ path, before, after, executable }: Change): string {
  const patch = structuredPatch(
    before === null ? "/dev/null" : `a/${path}`,
    after === null ? "/dev/null" : `b/${path}`,
    before ?? "",
    after ?? "",
  );
  const mode = before === null
    ? `new file mode ${executable ? "100755" : "100644"}\n`
    : after === null
    ? "deleted file mode 100644\n"
    : "";
  // The library writes a line of equals signs first, which git does not know.
  const text = formatPatch(patch).replace(/^(?:Index: .*\n)?=+\n/, "");
  return `diff --git a/${path} b/${path}\n${mode}${text}`;
}
