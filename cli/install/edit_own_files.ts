import { applyEdits, configurationPath, editConfiguration, findEdit } from "./configuration.ts";
import type { Delivery, Situation } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { addToJournal, journalPath, tagOf } from "./drizzle_journal.ts";
import { missingVariables } from "./env_example.ts";
import { hashOf, type Manifest, type TextEdit } from "./manifest.ts";
import { functionNames } from "./product.ts";
import type { ReadFile } from "./project_file.ts";
import { continuesNumbers } from "./series.ts";

/**
 * Edits files that are the application's own: configuration, example of variables, drizzle's journal.
 *
 * @param added paths of new migrations
 * @returns what was done, so that uninstall can take it back
 */
export async function editOwnFiles(
  draft: Draft,
  delivery: Delivery,
  situation: Situation,
  added: readonly string[],
): Promise<Manifest["edits"]> {
  const { read, manifest } = situation;
  const edits: Manifest["edits"] = { ...manifest?.edits };
  const record = (path: string, text: string | undefined, texts: TextEdit[]) => {
    if (texts.length === 0) return;
    const edited = applyEdits(text ?? "", texts);
    draft.after.set(path, edited);
    const before = manifest?.edits[path];
    edits[path] = {
      created: before?.created ?? text === undefined,
      hash: hashOf(edited),
      // What has been taken out by hand needs no taking back.
      texts: [...(before?.texts ?? []).filter((edit) => findEdit(text ?? "", edit)), ...texts],
    };
  };

  const toml = await read(configurationPath) ?? "";
  record(configurationPath, toml, editSections(toml, delivery));
  const examplePath = await findExample(read);
  const example = await read(examplePath);
  const variables = missingVariables(example);
  record(examplePath, example, variables === "" ? [] : [{ was: "", is: variables }]);
  const hash = await editJournal(draft, situation, added);
  if (hash !== undefined) edits[journalPath] = { created: false, hash, texts: [] };
  return edits;
}

function editSections(toml: string, { prefix, replaced }: Delivery): TextEdit[] {
  const names = functionNames.map((name) => `${prefix}${name}`);
  const overwrite = names.filter((name) =>
    replaced?.paths.some((path) => path.startsWith(`supabase/functions/${name}/`))
  );
  return editConfiguration(toml, names, overwrite);
}

/** Returns the journal's new hash, or undefined if it stays. */
async function editJournal(
  { after, notes }: Draft,
  { read, versions, now }: Situation,
  added: readonly string[],
): Promise<string | undefined> {
  const journal = await read(journalPath);
  if (journal === undefined || added.length === 0 || !continuesNumbers(versions)) return undefined;
  const text = addToJournal(journal, added.map(tagOf), now);
  if (text === undefined) {
    notes.push(
      `${journalPath} has an unusual form and stays as it is: see that drizzle-kit does not use ` +
        "the new migrations' numbers again",
    );
    return undefined;
  }
  after.set(journalPath, text);
  return hashOf(text);
}

async function findExample(read: ReadFile): Promise<string> {
  for (const path of [".env.example", "supabase/functions/.env.example", "supabase/.env.example"]) {
    if (await read(path) !== undefined) return path;
  }
  return ".env.example";
}
