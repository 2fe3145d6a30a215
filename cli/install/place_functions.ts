import type { Delivery } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { hashOf, type Manifest } from "./manifest.ts";
import type { ReadFile } from "./project_file.ts";

type Installed = { readonly read: ReadFile; readonly manifest: Manifest | undefined };

/** Places the functions' files. Those that the user has edited stay. */
export async function placeFunctions(
  draft: Draft,
  { functions, replaced }: Delivery,
  { read, manifest }: Installed,
): Promise<void> {
  const { after, files } = draft;
  const replacing = new Set(replaced?.paths);
  for (const [path, text] of functions) {
    const current = replacing.has(path) ? undefined : await read(path);
    const known = manifest?.files[path];
    files[path] = hashOf(text);
    if (current === undefined || hashOf(current) === known) after.set(path, text);
    else if (known === undefined && hashOf(current) !== hashOf(text)) {
      throw new Error(`${path} is not from an installation. Move it away, and try again`);
    } else if (hashOf(current) !== hashOf(text)) {
      await leaveEdited(draft, path, text, { read, manifest });
    }
  }
  await removeUnneeded(draft, { read, manifest });
}

/** Removes files of an earlier version that this one does not have. */
async function removeUnneeded(
  { after, files, notes }: Draft,
  { read, manifest }: Installed,
): Promise<void> {
  for (const [path, known] of Object.entries(manifest?.files ?? {})) {
    const isMigration = Object.values(manifest?.migrations ?? {}).includes(path);
    if (path in files || isMigration) continue;
    const current = await read(path);
    if (current === undefined) continue;
    if (hashOf(current) === known) after.set(path, null);
    else {
      // So that uninstall names it, too.
      files[path] = known;
      notes.push(`${path} is no longer needed, but you have edited it: remove it yourself`);
    }
  }
}

/** Puts the new version beside an edited file, if there is one and it has room there. */
async function leaveEdited(
  { after, files, notes }: Draft,
  path: string,
  text: string,
  { read, manifest }: Installed,
): Promise<void> {
  const known = manifest?.files[path];
  const beside = `${path}.new`;
  const there = await read(beside);
  const isForeign = there !== undefined &&
    ![manifest?.files[beside], hashOf(text)].includes(hashOf(there));
  if (hashOf(text) === known && (there === undefined || isForeign)) {
    notes.push(`${path} stays as you have edited it`);
    return;
  }
  if (isForeign) {
    // As before, so that the new version can still come.
    files[path] = known ?? hashOf(text);
    notes.push(
      `${path} stays as you have edited it. The new version has no room beside it: ${beside} is yours. ` +
        "Move it away, and install again",
    );
    return;
  }
  files[beside] = hashOf(text);
  after.set(beside, text);
  notes.push(`${path} stays as you have edited it. The new version is beside it, as ${beside}`);
}
