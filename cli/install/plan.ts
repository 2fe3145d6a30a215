import type { Change } from "./change.ts";
import { isEffective } from "./change.ts";
import {
  applyEdits,
  type Configuration,
  configurationPath,
  editConfiguration,
} from "./configuration.ts";
import { addToJournal, journalPath } from "./drizzle_journal.ts";
import { missingVariables } from "./env_example.ts";
import { hashOf, type Manifest, manifestPath, renderManifest, type TextEdit } from "./manifest.ts";
import { nameMigrations } from "./migrations.ts";
import { functionNames } from "./product.ts";
import type { ReadFile } from "./project_file.ts";
import { continuesNumbers } from "./series.ts";

/** What goes into the application, and where. */
export type Delivery = {
  readonly version: string;
  readonly schema: string;
  readonly prefix: string;
  /** The functions' files, by path. */
  readonly functions: ReadonlyMap<string, string>;
  /** The migrations' texts, by their names in this product. */
  readonly migrations: ReadonlyMap<string, string>;
  /** The application's own files that give way, with the commit that keeps them. */
  readonly replaced?: { readonly commit: string; readonly paths: readonly string[] };
};

/** What an installation would change, and what its user should know. */
export type Plan = {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
  /** Migrations that are new in the application. */
  readonly added: readonly string[];
};

/** What the plan is made from. */
export type Situation = {
  readonly read: ReadFile;
  readonly manifest: Manifest | undefined;
  readonly configuration: Configuration;
  /** Versions of migrations in the folder and in the database. */
  readonly versions: readonly string[];
  readonly now: Date;
};

/** Plans an installation or, if there is a manifest, an upgrade. Changes nothing. */
export async function planInstall(delivery: Delivery, situation: Situation): Promise<Plan> {
  const { read, manifest } = situation;
  const notes: string[] = [];
  const after = new Map<string, string | null>();
  const files: Record<string, string> = {};
  for (const path of delivery.replaced?.paths ?? []) after.set(path, null);

  await placeFunctions();
  const migrations = await placeNewMigrations();
  const edits = await editFiles(migrations.added);
  const replaced = delivery.replaced ?? manifest?.replaced;
  after.set(
    manifestPath,
    renderManifest({
      version: delivery.version,
      schema: delivery.schema,
      prefix: delivery.prefix,
      files: sorted(files),
      migrations: migrations.paths,
      edits,
      ...(replaced ? { replaced: { commit: replaced.commit, paths: [...replaced.paths] } } : {}),
    }),
  );
  const changes = await Promise.all(
    [...after].map(async ([path, text]) => ({
      path,
      before: await read(path) ?? null,
      after: text,
    })),
  );
  return {
    changes: changes.filter(isEffective).sort((one, other) => one.path < other.path ? -1 : 1),
    notes,
    added: migrations.added,
  };

  async function placeFunctions() {
    const replacing = new Set(delivery.replaced?.paths);
    for (const [path, text] of delivery.functions) {
      const current = replacing.has(path) ? undefined : await read(path);
      const known = manifest?.files[path];
      files[path] = hashOf(text);
      if (current === undefined || hashOf(current) === known) after.set(path, text);
      else if (known === undefined && hashOf(current) !== hashOf(text)) {
        throw new Error(`${path} is not from an installation. Move it away, and try again`);
      } else if (hashOf(current) !== hashOf(text)) await leaveEdited(path, text, known);
    }
    for (const [path, known] of Object.entries(manifest?.files ?? {})) {
      const isMigration = Object.values(manifest?.migrations ?? {}).includes(path);
      if (path in files || isMigration) continue;
      const current = await read(path);
      if (current === undefined) continue;
      if (hashOf(current) === known) after.set(path, null);
      else notes.push(`${path} is no longer needed, but you have edited it: remove it yourself`);
    }
  }

  async function leaveEdited(path: string, text: string, known: string | undefined) {
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

  async function placeNewMigrations() {
    const known = manifest?.migrations ?? {};
    const names = [...delivery.migrations.keys()].filter((name) => known[name] === undefined);
    const placed = nameMigrations(names, situation.versions, situation.now);
    const paths: Record<string, string> = { ...known };
    for (const [name, path] of placed) {
      const text = delivery.migrations.get(name) ?? "";
      paths[name] = path;
      files[path] = hashOf(text);
      after.set(path, text);
    }
    for (const [name, path] of Object.entries(known)) {
      const hash = manifest?.files[path];
      if (hash === undefined) continue;
      files[path] = hash;
      const current = await read(path);
      if (current !== undefined && hashOf(current) !== hash) {
        notes.push(`${path} stays as you have edited it`);
      }
      const text = delivery.migrations.get(name);
      if (text !== undefined && hashOf(text) !== hash) {
        notes.push(
          `${path} differs from ${name} of this version. An applied migration stays as it is`,
        );
      }
    }
    return { paths: sorted(paths), added: [...placed.values()] };
  }

  async function editFiles(added: readonly string[]): Promise<Manifest["edits"]> {
    const edits: Manifest["edits"] = { ...manifest?.edits };
    const record = (path: string, text: string | undefined, texts: TextEdit[]) => {
      const edited = applyEdits(text ?? "", texts);
      after.set(path, edited);
      const before = manifest?.edits[path];
      edits[path] = {
        created: before?.created ?? text === undefined,
        hash: hashOf(edited),
        // What has been taken out by hand needs no taking back.
        texts: [...(before?.texts ?? []).filter(({ is }) => text?.includes(is)), ...texts],
      };
    };

    const toml = await read(configurationPath) ?? "";
    const names = functionNames.map((name) => `${delivery.prefix}${name}`);
    const overwrite = names.filter((name) =>
      delivery.replaced?.paths.some((path) => path.startsWith(`supabase/functions/${name}/`))
    );
    const sections = editConfiguration(toml, names, overwrite);
    if (sections.length > 0) record(configurationPath, toml, sections);

    const examplePath = await findExample(read);
    const example = await read(examplePath);
    const variables = missingVariables(example);
    if (variables !== "") record(examplePath, example, [{ was: "", is: variables }]);

    const journal = await read(journalPath);
    if (journal !== undefined && added.length > 0 && continuesNumbers(situation.versions)) {
      const text = addToJournal(journal, added.map(tagOf), situation.now);
      if (text === undefined) {
        notes.push(
          `${journalPath} has an unusual form and stays as it is: see that drizzle-kit does not use ` +
            "the new migrations' numbers again",
        );
      } else {
        after.set(journalPath, text);
        edits[journalPath] = { created: false, hash: hashOf(text), texts: [] };
      }
    }
    return edits;
  }
}

/** A migration as drizzle's journal calls it. */
export function tagOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.sql$/, "");
}

async function findExample(read: ReadFile): Promise<string> {
  for (const path of [".env.example", "supabase/functions/.env.example", "supabase/.env.example"]) {
    if (await read(path) !== undefined) return path;
  }
  return ".env.example";
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).sort(([one], [other]) => one < other ? -1 : 1),
  );
}
