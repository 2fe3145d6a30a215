import { isAbsolute } from "node:path";
import { type Change, collectChanges, isEffective } from "./change.ts";
import {
  type Configuration,
  configurationPath,
  entrypointOf,
  parseConfiguration,
  takeBackEdits,
} from "./configuration.ts";
import { journalPath, removeFromJournal, tagOf } from "./drizzle_journal.ts";
import type { Repository } from "./git.ts";
import { listPaths } from "./list_paths.ts";
import { hashOf, type Manifest, manifestPath } from "./manifest.ts";
import { functionNames } from "./product.ts";
import type { ReadFile } from "./project_file.ts";

/**
 * Plans to take an installation out. Files that were edited stay, and are named.
 *
 * @param migrations where the migrations are, and where they were
 */
export async function planUninstall(
  manifest: Manifest,
  read: ReadFile,
  repository: Repository | undefined,
  migrations: readonly string[],
): Promise<{ changes: Change[]; notes: string[] }> {
  const notes: string[] = [];
  const after = new Map<string, string | null>([[manifestPath, null]]);

  const gone: string[] = [];
  for (const [path, hash] of Object.entries(manifest.files)) {
    const current = await read(path);
    if (current === undefined) {
      if (Object.values(manifest.migrations).includes(path)) gone.push(path);
      continue;
    }
    if (hashOf(current) === hash) after.set(path, null);
    else notes.push(`${path} stays, because you have edited it`);
  }
  if (gone.length > 0) {
    notes.push(
      `${listPaths(gone)} ${
        gone.length === 1 ? "was" : "were"
      } gone already. If another migration ` +
        "does the same, take it out yourself",
    );
  }
  const executable = new Set<string>();
  const { commit, paths = [] } = manifest.replaced ?? {};
  for (const path of paths) {
    if (commit === undefined) continue;
    const current = after.has(path) ? undefined : await read(path);
    const text = await repository?.show(commit, path);
    if (current !== undefined) {
      if (current === text) continue;
      // Only the manifest says where it is, and that goes.
      notes.push(`${path} was another file of yours before: git show ${commit}:./${path}`);
    } else if (text !== undefined) {
      after.set(path, text);
      if (await repository?.isExecutable(commit, path)) executable.add(path);
    } else notes.push(`${path} was yours. Bring it back from commit ${commit}`);
  }
  for (const [path, { created, texts }] of Object.entries(manifest.edits)) {
    const current = await read(path);
    if (current === undefined) continue;
    const text = path === journalPath
      ? removeFromJournal(current, migrations.map(tagOf))
      : takeBackEdits(current, texts);
    if (text === undefined) {
      const replaced = commit !== undefined && texts.some(({ was }) => was !== "");
      const old = replaced ? `. It was another before: git show ${commit}:./${path}` : "";
      notes.push(
        `${path} has changed since: take the lines about these functions out yourself${old}`,
      );
    } else after.set(path, created && text === "" ? null : text);
  }
  const left = after.has(configurationPath) ? await findLeftSections() : [];
  if (left.length > 0) {
    notes.push(
      `${configurationPath} still has ${
        left.join(", ")
      }. Take this out, or supabase functions deploy ` +
        "looks for the code",
    );
  }

  const changes = await collectChanges(after, read, executable);
  return { changes: changes.filter(isEffective), notes };

  async function hasCode(path: string): Promise<boolean> {
    // Its user brings it back, or only the Supabase CLI knows where it is.
    if (paths.includes(path) || isAbsolute(path) || path.includes("env(")) return true;
    // What is no text is the application's own.
    const text = after.has(path) ? after.get(path) : await read(path).catch(() => "");
    return typeof text === "string";
  }

  /** Sections of functions without code, because install has completed what was taken out by hand. */
  async function findLeftSections(): Promise<string[]> {
    const { functions } = readConfiguration(after.get(configurationPath) ?? "");
    const left: string[] = [];
    for (const name of functionNames.map((name) => `${manifest.prefix}${name}`)) {
      const section = functions[name];
      if (section === undefined) continue;
      const path = entrypointOf(section) ?? `supabase/functions/${name}/index.ts`;
      if (!await hasCode(path)) left.push(`[functions.${name}]`);
    }
    return left;
  }
}

function readConfiguration(text: string): Configuration {
  try {
    return parseConfiguration(text);
  } catch {
    // Uninstall works without a valid one.
    return parseConfiguration("");
  }
}
