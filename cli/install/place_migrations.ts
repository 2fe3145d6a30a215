import type { Delivery, Situation } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { hashOf } from "./manifest.ts";
import { listPaths } from "./list_paths.ts";
import { nameMigrations } from "./migrations.ts";

/**
 * Places the migrations that the application does not have yet. One that it has stays as it is.
 *
 * @returns the path of each migration by its name, and the paths that are new
 */
export async function placeMigrations(
  draft: Draft,
  { migrations }: Delivery,
  { read, manifest, versions, now }: Situation,
): Promise<{ paths: Record<string, string>; added: string[] }> {
  const known = manifest?.migrations ?? {};
  const names = [...migrations.keys()].filter((name) => known[name] === undefined);
  const placed = nameMigrations(names, versions, now);
  const paths: Record<string, string> = { ...known };
  for (const [name, path] of placed) {
    const text = migrations.get(name) ?? "";
    paths[name] = path;
    draft.files[path] = hashOf(text);
    draft.after.set(path, text);
  }
  const gone: string[] = [];
  for (const [name, path] of Object.entries(known)) {
    const hash = manifest?.files[path];
    if (hash === undefined) continue;
    draft.files[path] = hash;
    const current = await read(path);
    if (current === undefined) gone.push(path);
    else if (hashOf(current) !== hash) {
      draft.notes.push(`${path} stays as you have edited it`);
    }
    const text = migrations.get(name);
    if (text !== undefined && hashOf(text) !== hash) {
      draft.notes.push(
        `${path} differs from ${name} of this version. An applied migration stays as it is`,
      );
    }
  }
  if (gone.length > 0) {
    draft.notes.push(
      `${listPaths(gone)} ${
        gone.length === 1 ? "is" : "are"
      } gone. If another migration does the ` +
        "same, all is well. If not, take what is missing from git, or a new database lacks its part",
    );
  }
  return { paths: paths, added: [...placed.values()] };
}
