import type { Repository } from "./git.ts";
import { hashOf, type Manifest, manifestPath, sharedFolder } from "./manifest.ts";
import { functionNames } from "./product.ts";
import type { ReadFile } from "./project_file.ts";

/** What the Supabase CLI leaves behind, in case nobody has told git to ignore it. */
const ofSupabaseCli = /(?:^|\/)supabase\/\.(?:temp|branches)\//;

/**
 * Refuses to work on uncommitted changes, so that git shows what an installation does, and takes it
 * back. What an earlier run has left does not count.
 *
 * @throws Error that names the first changes
 */
export async function requireCleanTree(
  repository: Repository | undefined,
  read: ReadFile,
  manifest: Manifest | undefined,
): Promise<void> {
  const changed = await repository?.changed() ?? [];
  if (changed.length === 0) return;
  const ours = await readNames(repository, manifest);
  const foreign: string[] = [];
  for (const path of changed) if (!await isOwn(path)) foreign.push(path);
  if (foreign.length === 0) return;
  const list = foreign.slice(0, 3).join(", ") + (foreign.length > 3 ? ", …" : "");
  throw new Error(
    `git has uncommitted changes (${list}). Commit or stash them first, or add --allow-dirty`,
  );

  async function isOwn(name: string): Promise<boolean> {
    const path = ours(name);
    if (ofSupabaseCli.test(name) || ofSupabaseCli.test(path)) return true;
    if (manifest === undefined) return false;
    if (path === manifestPath) return true;
    const hash = manifest.files[path] ?? manifest.edits[path]?.hash;
    const mayGo = isInstalledFolder(path, manifest) || manifest.replaced?.paths.includes(path);
    if (hash === undefined && !mayGo) return false;
    // What cannot be read, such as a picture or a folder, is not from an earlier run.
    const text = await read(path).catch(() => null);
    if (text === undefined) return mayGo === true;
    return text !== null && hash !== undefined && hashOf(text) === hash;
  }
}

/** Git looks at no links: from a name of its own to the one that the manifest has. */
async function readNames(
  repository: Repository | undefined,
  manifest: Manifest | undefined,
): Promise<(name: string) => string> {
  const files = manifest === undefined ? [] : [
    ...Object.keys({ ...manifest.files, ...manifest.edits }),
    ...manifest.replaced?.paths ?? [],
    manifestPath,
  ];
  const folders = [...manifest === undefined ? [] : installedFolders(manifest), "supabase"];
  const names = new Map<string, string>();
  for (const path of [...files, ...folders]) {
    names.set(await repository?.nameOf(path) ?? path, path);
  }
  return (name) => {
    const file = names.get(name);
    const folder = [...names].find(([from]) => name.startsWith(`${from}/`));
    return file ?? (folder ? folder[1] + name.slice(folder[0].length) : name);
  };
}

/** Whether the path is in a folder of the installation, where an upgrade removes files too. */
function isInstalledFolder(path: string, manifest: Manifest): boolean {
  return installedFolders(manifest).some((folder) => path.startsWith(`${folder}/`));
}

function installedFolders({ prefix }: Manifest): string[] {
  return [sharedFolder, ...functionNames.map((name) => `${prefix}${name}`)]
    .map((folder) => `supabase/functions/${folder}`);
}
