import { formatPatch, structuredPatch } from "diff";
import type { ReadFile } from "./project_file.ts";

/** A file's text before and after; null where there is no file. The path is relative to the project. */
export type Change = {
  readonly path: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** Whether the change does anything. */
export function isEffective({ before, after }: Change): boolean {
  return before !== after;
}

/** The changes that lead to these texts, in the order of their paths; null is no file. */
export async function collectChanges(
  after: ReadonlyMap<string, string | null>,
  read: ReadFile,
): Promise<Change[]> {
  const changes = await Promise.all(
    [...after].map(async ([path, text]) => ({
      path,
      before: await read(path) ?? null,
      after: text,
    })),
  );
  return changes.sort((one, other) => one.path < other.path ? -1 : 1);
}

/** The changes as a patch that `git apply` takes. */
export function describeChanges(changes: readonly Change[]): string {
  return changes.map(describeChange).join("");
}

function describeChange({ path, before, after }: Change): string {
  const patch = structuredPatch(
    before === null ? "/dev/null" : `a/${path}`,
    after === null ? "/dev/null" : `b/${path}`,
    before ?? "",
    after ?? "",
  );
  const mode = before === null
    ? "new file mode 100644\n"
    : after === null
    ? "deleted file mode 100644\n"
    : "";
  // The library writes a line of equals signs first, which git does not know.
  const text = formatPatch(patch).replace(/^(?:Index: .*\n)?=+\n/, "");
  return `diff --git a/${path} b/${path}\n${mode}${text}`;
}
