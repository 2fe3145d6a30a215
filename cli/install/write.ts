import { dirname, join } from "node:path";
import { z } from "zod";
import { isAbsence } from "../../local/presence.ts";
import type { Change } from "./change.ts";

/** The texts lie here while files are exchanged: old-N and new-N of the journal's entry N. */
const stagingPath = join("supabase", ".clerk-sync-staging");

/** The journal's name once all texts are there: the change is completed, whatever happens. */
const forward = "journal.json";

/** Its name once an exchange has failed: every file goes back. */
const backward = "journal-back.json";

const journal = z.object({
  entries: z.array(z.object({ path: z.string(), old: z.boolean(), new: z.boolean() })),
  /** Folders that the change makes, the upper ones first. */
  folders: z.array(z.string()),
});

type Journal = z.infer<typeof journal>;

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/**
 * Writes all changes, or none.
 *
 * Every text is written beside its place first, where a full disk does no harm. Then each file is
 * renamed into its place. All of it is synchronous, and signals wait until the end. If the process is
 * killed in between, `finishWriting()` completes the change or takes it back.
 */
export function writeChanges(project: string, changes: readonly Change[]): void {
  if (changes.length === 0) return;
  const ignore = () => {};
  for (const signal of signals) Deno.addSignalListener(signal, ignore);
  try {
    const journal = stage(project, changes);
    try {
      exchange(project, journal);
    } catch (error) {
      Deno.renameSync(staged(project, forward), staged(project, backward));
      putBack(project, journal);
      removeStaging(project);
      throw error;
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

/**
 * Completes a change that was killed, or takes back one that had failed or not yet begun.
 *
 * @returns whether there was one
 */
export function finishWriting(project: string): boolean {
  if (!isUnfinished(project)) return false;
  const [ahead, back] = [forward, backward].map((name) => readJournal(staged(project, name)));
  if (ahead) exchange(project, ahead);
  else if (back) putBack(project, back);
  removeStaging(project);
  return true;
}

function staged(project: string, name: string): string {
  return join(project, stagingPath, name);
}

function readJournal(path: string): Journal | undefined {
  return exists(path) ? journal.parse(JSON.parse(Deno.readTextFileSync(path))) : undefined;
}

/** Writes every text beside its place, then the journal. Leaves nothing if it fails. */
function stage(project: string, changes: readonly Change[]): Journal {
  const entries = changes.map(({ path, before, after }) => ({
    path,
    old: before !== null,
    new: after !== null,
  }));
  const made = changes.filter(({ after }) => after !== null);
  const folders = new Set(made.flatMap(({ path }) => missingFolders(project, dirname(path))));
  requireRoom(project, changes);
  const journal = { entries, folders: [...folders] };
  try {
    Deno.mkdirSync(join(project, stagingPath));
    changes.forEach(({ path, before, after, executable }, index) => {
      const target = join(project, path);
      if (before !== null) Deno.copyFileSync(target, staged(project, `old-${index}`));
      if (after === null) return;
      // A copy keeps the file's mode.
      if (before !== null) Deno.copyFileSync(target, staged(project, `new-${index}`));
      Deno.writeTextFileSync(staged(project, `new-${index}`), after);
      if (before === null && executable) makeExecutable(staged(project, `new-${index}`));
    });
    Deno.writeTextFileSync(staged(project, "journal.part"), JSON.stringify(journal));
    Deno.renameSync(staged(project, "journal.part"), staged(project, forward));
  } catch (error) {
    removeStaging(project);
    throw error;
  }
  return journal;
}

/** Refuses what could not be exchanged, while nothing has been written. */
function requireRoom(project: string, changes: readonly Change[]) {
  for (const { path, before, after } of changes) {
    if (after === null) continue;
    if (before === null && exists(join(project, path))) {
      throw new Error(`${path} is a link to nothing. Take it away, and try again`);
    }
    if (before !== null && !mayBeWritten(join(project, path))) {
      throw new Error(`${path} is read-only. Make it writable (chmod u+w), and try again`);
    }
  }
  const device = deviceOf(join(project, "supabase"));
  for (const { path } of changes) {
    if (deviceOf(join(project, path)) === device) continue;
    throw new Error(
      `${path} is on another file system than supabase, so that not all files could change at once. ` +
        "Put both on one, and try again",
    );
  }
}

/** Puts every new text into its place. Goes on where an earlier attempt has stopped. */
function exchange(project: string, { entries }: Journal) {
  entries.forEach((entry, index) => {
    const target = join(project, entry.path);
    const next = staged(project, `new-${index}`);
    if (entry.new && exists(next)) {
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.renameSync(next, placeOf(target));
    } else if (!entry.new && exists(target)) Deno.removeSync(target);
  });
  for (const entry of entries) if (!entry.new) removeEmptyFolders(project, dirname(entry.path));
}

/** Puts every old text back. Goes on where an earlier attempt has stopped. */
function putBack(project: string, { entries, folders }: Journal) {
  entries.forEach((entry, index) => {
    const target = join(project, entry.path);
    const old = staged(project, `old-${index}`);
    const isUntouched = entry.new && exists(staged(project, `new-${index}`));
    if (isUntouched) return;
    if (entry.old && exists(old)) {
      Deno.mkdirSync(dirname(target), { recursive: true });
      Deno.renameSync(old, placeOf(target));
    } else if (!entry.old && exists(target)) Deno.removeSync(target);
  });
  for (const folder of [...folders].reverse()) {
    if (exists(join(project, folder))) Deno.removeSync(join(project, folder));
  }
}

/** A link stays one, and what it points to changes. */
function placeOf(target: string): string {
  return exists(target) ? Deno.realPathSync(target) : target;
}

function removeStaging(project: string) {
  if (!isUnfinished(project)) return;
  // Without a journal, the rest means nothing.
  for (const name of [forward, backward]) {
    if (exists(staged(project, name))) Deno.removeSync(staged(project, name));
  }
  Deno.removeSync(join(project, stagingPath), { recursive: true });
}

/** The folder and those above it that do not exist, the upper ones first. */
function missingFolders(project: string, folder: string): string[] {
  const place = join(project, folder);
  if (exists(place)) {
    if (isFolder(place)) return [];
    throw new Error(`${folder} must be a folder, but is none. Move it away, and try again`);
  }
  return [...missingFolders(project, dirname(folder)), folder];
}

function removeEmptyFolders(project: string, path: string) {
  const folder = join(project, path);
  if (path === "supabase" || path === "." || !exists(folder)) return;
  // A link to a folder was there before.
  if (Deno.lstatSync(folder).isSymlink) return;
  if ([...Deno.readDirSync(folder)].length > 0) return;
  Deno.removeSync(folder);
  removeEmptyFolders(project, dirname(path));
}

function mayBeWritten(file: string): boolean {
  return ((Deno.statSync(file).mode ?? 0o200) & 0o200) !== 0;
}

/** Whoever may read it may run it. */
function makeExecutable(file: string) {
  const mode = Deno.statSync(file).mode ?? 0o644;
  Deno.chmodSync(file, mode | ((mode & 0o444) >> 2));
}

/** The file system that a file is on, or would be. */
function deviceOf(path: string): number {
  return exists(path) ? Deno.statSync(path).dev : deviceOf(dirname(path));
}

/** Whether it is a folder, or a link to one. */
function isFolder(path: string): boolean {
  try {
    return Deno.statSync(path).isDirectory;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch (error) {
    if (isAbsence(error)) return false;
    throw error;
  }
}
