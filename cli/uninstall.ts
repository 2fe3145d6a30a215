/** Takes out of an application what install put there. */
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reportFailure } from "../local/failure.ts";
import { createPrinter } from "../local/printer.ts";
import { findProject } from "./install/application.ts";
import { describeChanges } from "./install/change.ts";
import { describeDrop } from "./install/drop.ts";
import { openRepository } from "./install/git.ts";
import { manifestPath, parseManifest } from "./install/manifest.ts";
import { createReadFile } from "./install/project_file.ts";
import { planUninstall } from "./install/take_out.ts";
import { finishWriting, isUnfinished, writeChanges } from "./install/write.ts";

const usage = `uninstall [FOLDER] [--dry-run]

Takes the functions, migrations and settings out of the Supabase project in FOLDER (default: where you
are), and prints the SQL that would drop the tables. It never runs it. Files that you have edited stay.

  --dry-run       print the change as a patch, and change nothing`;

const printer = createPrinter();
/** Where the command was typed: deno task and npx run it elsewhere. */
const here = Deno.env.get("INIT_CWD") ?? Deno.cwd();
try {
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      "dry-run": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) {
    printer.line(usage);
    Deno.exit(0);
  }
  if (positionals.length > 1) throw new Error("Give one folder. See the options with --help");
  await uninstall(await findProject(resolve(here, positionals[0] ?? ".")), flags["dry-run"]);
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}

async function uninstall(project: string, dryRun: boolean): Promise<void> {
  if (dryRun && isUnfinished(project)) {
    throw new Error("An earlier change was interrupted. Run it again without --dry-run first");
  }
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
  const manifest = parseManifest(text);
  const { changes, notes } = await planUninstall(manifest, read, await openRepository(project));
  if (dryRun) {
    printer.line(describeChanges(changes).replace(/\n$/, ""));
    for (const note of notes) printer.error(`Note: ${note}`);
    return;
  }
  writeChanges(project, changes);
  printer.line(
    `Took version ${manifest.version} out of ${folder}: ${changes.length} files changed`,
  );
  for (const note of notes) printer.line(`\nNote: ${note}`);
  printer.line(`
Your database is as it was, and so are deployed functions, secrets and Clerk's endpoint. Delete the
endpoint in Clerk's dashboard first. This SQL drops the rest:

${await describeDrop(manifest)}`);
}
