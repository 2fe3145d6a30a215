/** Takes out of an application what install put there. */
import { relative } from "node:path";
import { createPrinter } from "../local/printer.ts";
import { here, runOnApplication } from "./command.ts";
import { describeDrop } from "./install/drop.ts";
import { printDryRun, requireFinished } from "./install/dry_run.ts";
import { openRepository } from "./install/git.ts";
import { lockProject } from "./install/lock.ts";
import { manifestPath, parseManifest } from "./install/manifest.ts";
import { readVersions } from "./install/migrations.ts";
import { createReadFile } from "./install/project_file.ts";
import { followRenames } from "./install/renamed.ts";
import { planUninstall } from "./install/take_out.ts";
import { finishWriting, writeChanges } from "./install/write.ts";

const usage = `uninstall [FOLDER] [--dry-run]

Takes the functions, migrations and settings out of the Supabase project in FOLDER (default: where you
are), and prints the SQL that would drop the tables. It never runs it. Files that you have edited stay.

  --dry-run       print the change as a patch, and change nothing`;

const printer = createPrinter();
await runOnApplication(printer, {
  usage,
  options: { "dry-run": { type: "boolean", default: false } },
}, (project, flags) => uninstall(project, flags["dry-run"]));

async function uninstall(project: string, dryRun: boolean): Promise<void> {
  using _ = lockProject(project, { shared: dryRun });
  if (dryRun) requireFinished(project);
  const finished = !dryRun && finishWriting(project);
  const folder = relative(here, project) || ".";
  const read = createReadFile(project);
  const text = await read(manifestPath);
  if (text === undefined && finished) {
    printer.line(`Completed what was interrupted: ${folder} has no installation any more`);
    return;
  }
  if (text === undefined) {
    throw new Error(`${folder} has no installation: there is no ${manifestPath}`);
  }
  const installed = parseManifest(text);
  const manifest = await followRenames(project, installed);
  const paths = [manifest, installed].flatMap(({ migrations }) => Object.values(migrations));
  const repository = await openRepository(project);
  const { changes, notes } = await planUninstall(manifest, read, repository, paths);
  if (dryRun) return await printDryRun(printer, project, changes, notes);
  writeChanges(project, changes);
  printer.line(
    `Took version ${manifest.version} out of ${folder}: ${changes.length} files changed`,
  );
  for (const note of notes) printer.line(`\nNote: ${note}`);
  printer.line(`
Your database is as it was, and so are deployed functions, secrets and Clerk's endpoint. Delete the
endpoint in Clerk's dashboard first. This SQL drops the rest:

${await describeDrop(manifest, paths, await readVersions(project))}`);
}
