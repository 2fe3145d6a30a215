import { basename, dirname, isAbsolute, join, resolve } from "node:path";
import { ifPresent, isAbsence } from "./presence.ts";

/**
 * A folder that is reached by a link has a file of this name with the path of that link: copied with
 * what is around it, the link leads to what is still the original's.
 */
const record = "home";

/** The path whose folder this one is a link to, or undefined where it is nobody else's. */
export async function findOtherHome(path: string): Promise<string | undefined> {
  const [place, own] = await Promise.all([ifPresent(Deno.realPath(path)), withoutLinksTo(path)]);
  // No link, and so a folder of its own, wherever it was copied from.
  if (place === undefined || place === own) return undefined;
  const recorded = await readHome(path);
  if (recorded === undefined || await withoutLinksTo(recorded) === own) return undefined;
  return await leadsTo(recorded, place) ? recorded : undefined;
}

/** True where a folder was recorded under this path. */
export async function isHome(path: string): Promise<boolean> {
  const recorded = await readHome(path);
  return recorded !== undefined && await withoutLinksTo(recorded) === await withoutLinksTo(path);
}

/** Records the path of a folder, where it is not recorded under another that still leads to it. */
export async function recordHome(path: string): Promise<void> {
  const recorded = await readHome(path);
  if (recorded !== undefined && await leadsTo(recorded, await Deno.realPath(path))) return;
  const file = join(path, record);
  // Made anew, so that no link is followed that somebody planted there.
  await ifPresent(Deno.remove(file));
  await Deno.writeTextFile(file, resolve(path), { createNew: true });
}

/** The path that a folder is recorded under; undefined where it is under none. */
export async function readHome(folder: string): Promise<string | undefined> {
  const file = join(folder, record);
  // A link or a pipe was planted there.
  if (!(await ifPresent(Deno.lstat(file)))?.isFile) return undefined;
  const recorded = await Deno.readTextFile(file);
  return isAbsolute(recorded) ? recorded : undefined;
}

/** Whether a path leads to a folder, also where that cannot be seen: who cannot see it must not claim it. */
export async function leadsTo(path: string, place: string): Promise<boolean> {
  return await Deno.realPath(path).then(
    (found) => found === place,
    (error) => !isAbsence(error),
  );
}

/** A path as it is when only its last part may be a link: there are several to the folder above. */
async function withoutLinksTo(path: string): Promise<string | undefined> {
  const above = await ifPresent(Deno.realPath(dirname(path)));
  return above === undefined ? undefined : join(above, basename(path));
}
