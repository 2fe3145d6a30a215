import { dirname, join } from "node:path";
import { z } from "zod";
import type { Change } from "./change.ts";

/** New and old texts lie here while files are exchanged. A journal in it means that all texts are there. */
const stagingPath = join("supabase", ".clerk-sync-staging");

const journal = z.array(z.object({ path: z.string(), old: z.boolean(), new: z.boolean() }));

type Journal = z.infer<typeof journal>;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Writes all changes, or none.
 *
 * Every text is written beside its place first, where a full disk does no harm. Then each file is
 * renamed into its place. All of it is synchronous, and signals wait until the end. If the process is
 * killed in between, `finishWriting()` completes the change.
 */
export function writeChanges(project: string, changes: readonly Change[]): void {
  const ignore = () => {};
  for (const signal of signals) Deno.addSignalListener(signal, ignore);
  try {
    const staging = join(project, stagingPath);
    const folders: string[] = [];
    const entries = changes.map(({ path, before, after }) => ({
      path,
      old: before !== null,
      new: after !== null,
    }));
    try {
      Deno.mkdirSync(staging);
      changes.forEach(({ path, before, after }, index) => {
        const target = join(project, path);
        if (before !== null) Deno.copyFileSync(target, join(staging, `old-${index}`));
        if (after === null) return;
        // A copy keeps the file's mode.
        if (before !== null) Deno.copyFileSync(target, join(staging, `new-${index}`));
        Deno.writeTextFileSync(join(staging, `new-${index}`), after);
        folders.push(...makeFolders(dirname(target)));
      });
      Deno.writeTextFileSync(join(staging, "journal.part"), JSON.stringify(entries));
      Deno.renameSync(join(staging, "journal.part"), join(staging, "journal.json"));
    } catch (error) {
      removeStaging(project);
      for (const folder of folders.reverse()) Deno.removeSync(folder);
      throw error;
    }
    try {
      exchange(project, entries);
    } catch (error) {
      putBack(project, entries);
      for (const folder of folders.reverse()) Deno.removeSync(folder);
      removeStaging(project);
      throw error;
    }
    for (const { path, after } of changes) {
      if (after === null) removeEmptyFolders(project, dirname(path));
    }
    removeStaging(project);
  } finally {
    for (const signal of signals) Deno.removeSignalListener(signal, ignore);
  }
}

/** Whether a change was killed before its end. */
export function isUnfinished(project: string): boolean {
  return exists(join(project, stagingPath));
}

/** Completes a change that was killed while it exchanged files, or clears one that had not begun to. */
export function finishWriting(project: string): void {
  const staging = join(project, stagingPath);
  if (!exists(staging)) return;
  const path = join(staging, "journal.json");
  if (exists(path)) {
    const entries = journal.parse(JSON.parse(Deno.readTextFileSync(path)));
    exchange(project, entries);
    for (const entry of entries) if (!entry.new) removeEmptyFolders(project, dirname(entry.path));
  }
  removeStaging(project);
}

/** Puts every new text into its place. Goes on where an earlier attempt has stopped. */
function exchange(project: string, entries: Journal) {
  entries.forEach((entry, index) => {
    const target = join(project, entry.path);
    const next = join(project, stagingPath, `new-${index}`);
    if (entry.new && exists(next)) {
      makeFolders(dirname(target));
      Deno.renameSync(next, placeOf(target));
    } else if (!entry.new && exists(target)) Deno.removeSync(target);
  });
}

function putBack(project: string, entries: Journal) {
  entries.forEach((entry, index) => {
    const target = join(project, entry.path);
    if (entry.old) Deno.renameSync(join(project, stagingPath, `old-${index}`), placeOf(target));
    else if (exists(target)) Deno.removeSync(target);
  });
}

/** A link stays one, and what it points to changes. */
function placeOf(target: string): string {
  return exists(target) ? Deno.realPathSync(target) : target;
}

function removeStaging(project: string) {
  const staging = join(project, stagingPath);
  if (!exists(staging)) return;
  // Without its journal, the rest means nothing.
  const path = join(staging, "journal.json");
  if (exists(path)) Deno.removeSync(path);
  Deno.removeSync(staging, { recursive: true });
}

/** Creates a folder and those above it. Returns those that it created, the upper first. */
function makeFolders(folder: string): string[] {
  if (exists(folder)) return [];
  const above = makeFolders(dirname(folder));
  Deno.mkdirSync(folder);
  return [...above, folder];
}

function removeEmptyFolders(project: string, path: string) {
  const folder = join(project, path);
  if (path === "supabase" || path === "." || !exists(folder)) return;
  if ([...Deno.readDirSync(folder)].length > 0) return;
  Deno.removeSync(folder);
  removeEmptyFolders(project, dirname(path));
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
