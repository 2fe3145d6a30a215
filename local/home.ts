import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { ifPresent, isAbsence } from "./presence.ts";

/**
 * The file in a folder that holds the path it was recorded under. A link in a copied checkout still
 * leads to the original's folder, and this file shows that the folder is not the copy's.
 */
const record = "home";

/** The path that a folder belongs to if this one is only a link to it; else undefined. */
export async function findOtherHome(path: string): Promise<string | undefined> {
  const [place, own] = await Promise.all([ifPresent(Deno.realPath(path)), withoutLinksTo(path)]);
  // Not a link, so it is a folder of its own, wherever it was copied from.
  if (place === undefined || place === own) return undefined;
  const recorded = await readHome(path);
  if (recorded === undefined || await withoutLinksTo(recorded) === own) return undefined;
  return await leadsTo(recorded, place) ? recorded : undefined;
}

/** True if the folder at this path was recorded under this path. */
export async function isHome(path: string): Promise<boolean> {
  const recorded = await readHome(path);
  return recorded !== undefined && await withoutLinksTo(recorded) === await withoutLinksTo(path);
}

/** Records a folder's path, unless it is recorded under another path that still leads to it. */
export async function recordHome(path: string): Promise<void> {
  const recorded = await readHome(path);
  if (recorded !== undefined && await leadsTo(recorded, await Deno.realPath(path))) return;
  const file = join(path, record);
  // Create the file anew: somebody may have planted a link in its place.
  await ifPresent(Deno.remove(file));
  await Deno.writeTextFile(file, resolve(path), { createNew: true });
}

/** The path that a folder is recorded under, or undefined. */
export async function readHome(folder: string): Promise<string | undefined> {
  const file = join(folder, record);
  // Somebody may have planted a link or a pipe in its place.
  if (!(await ifPresent(Deno.lstat(file)))?.isFile) return undefined;
  const recorded = await Deno.readTextFile(file);
  return isAbsolute(recorded) ? recorded : undefined;
}

/**
 * Whether a path leads to a folder. True as well if that cannot be seen, so that nobody takes over a
 * folder that may be in use.
 */
export async function leadsTo(path: string, place: string): Promise<boolean> {
  return await Deno.realPath(path).then(
    (found) => found === place,
    (error) => !isAbsence(error),
  );
}

/** The path with every link in it resolved except the last part, so that two ways to it compare equal. */
async function withoutLinksTo(path: string): Promise<string | undefined> {
  const above = await ifPresent(Deno.realPath(dirname(path)));
  return above === undefined ? undefined : join(above, basename(path));
}
