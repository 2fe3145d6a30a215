import { basename, join } from "node:path";
import { ifPresent } from "../../local/presence.ts";
import { hashOf, type Manifest } from "./manifest.ts";
import { endingOf, migrationsFolder, readMigrationNames } from "./migrations.ts";

/**
 * The manifest with each migration where it is now: its user may have given it another version, or
 * another name. One that is nowhere stays where it was.
 */
export async function followRenames(project: string, manifest: Manifest): Promise<Manifest> {
  const names = await readMigrationNames(project);
  const paths = names.map((name) => `${migrationsFolder}/${name}`);
  const known = new Set(Object.values(manifest.migrations));
  const lost = Object.entries(manifest.migrations).filter(([, path]) => !paths.includes(path));
  const others = paths.filter((path) => !known.has(path));
  if (lost.length === 0 || others.length === 0) return manifest;

  const hashes = new Map(
    await Promise.all(others.map(async (path) => {
      const text = await ifPresent(Deno.readTextFile(join(project, path)));
      return [path, text === undefined ? undefined : hashOf(text)] as const;
    })),
  );
  const migrations = { ...manifest.migrations };
  const files = { ...manifest.files };
  for (const [name, path] of lost) {
    const hash = files[path];
    const now = others.find((other) => hash !== undefined && hashes.get(other) === hash) ??
      others.find((other) => basename(other).replace(/^\d+/, "") === endingOf(name));
    if (now === undefined) continue;
    migrations[name] = now;
    delete files[path];
    if (hash !== undefined) files[now] = hash;
  }
  return { ...manifest, migrations, files };
}
