import { type Change, collectChanges, isEffective } from "./change.ts";
import type { Delivery, Situation } from "./delivery.ts";
import type { Draft } from "./draft.ts";
import { editOwnFiles } from "./edit_own_files.ts";
import { hashOf, manifestPath, renderManifest } from "./manifest.ts";
import { placeFunctions } from "./place_functions.ts";
import { placeMigrations } from "./place_migrations.ts";

/** What an installation would change, and what its user should know. */
export type Plan = {
  readonly changes: readonly Change[];
  readonly notes: readonly string[];
  /** Migrations that are new in the application. */
  readonly added: readonly string[];
};

/** Plans an installation or, if there is a manifest, an upgrade. Changes nothing. */
export async function planInstall(delivery: Delivery, situation: Situation): Promise<Plan> {
  const { read, manifest } = situation;
  const draft: Draft = { after: new Map(), files: {}, notes: [] };
  for (const path of delivery.replaced?.paths ?? []) draft.after.set(path, null);
  await placeFunctions(draft, delivery, situation);
  const migrations = await placeMigrations(draft, delivery, situation);
  const edits = await editOwnFiles(draft, delivery, situation, migrations.added);
  const replaced = delivery.replaced ?? manifest?.replaced;
  draft.after.set(
    manifestPath,
    renderManifest({
      version: delivery.version,
      schema: delivery.schema,
      prefix: delivery.prefix,
      files: sorted(draft.files),
      migrations: sorted(migrations.paths),
      edits,
      ...(replaced ? { replaced: { commit: replaced.commit, paths: [...replaced.paths] } } : {}),
    }),
  );
  const changes = await collectChanges(draft.after, read);
  return {
    changes: changes.filter(changesMoreThanLineEnds),
    notes: draft.notes,
    added: migrations.added,
  };
}

/** Git may have changed line ends. They are no reason to write a file again. */
function changesMoreThanLineEnds(change: Change): boolean {
  const { before, after } = change;
  if (before === null || after === null) return isEffective(change);
  return hashOf(before) !== hashOf(after);
}

function sorted<Value>(record: Record<string, Value>): Record<string, Value> {
  return Object.fromEntries(
    Object.entries(record).sort(([one], [other]) => one < other ? -1 : 1),
  );
}
