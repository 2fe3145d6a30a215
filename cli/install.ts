/** Puts the functions, migrations and settings into an application's Supabase project, or upgrades them. */
import { compare } from "compare-versions";
import { relative } from "node:path";
import { parseTableSchema } from "../local/migrations/schema.ts";
import { checkout } from "../local/options.ts";
import { createPrinter } from "../local/printer.ts";
import { here, runOnApplication } from "./command.ts";
import { configurationPath, parseConfiguration } from "./install/configuration.ts";
import { requireCleanTree } from "./install/clean_tree.ts";
import { printDryRun, requireFinished } from "./install/dry_run.ts";
import { openRepository } from "./install/git.ts";
import { lockProject } from "./install/lock.ts";
import { type Manifest, manifestPath, parseManifest } from "./install/manifest.ts";
import { placeTablesOf, readVersions, requireFirstTime } from "./install/migrations.ts";
import { describeSurroundings } from "./install/notes.ts";
import { planInstall } from "./install/plan.ts";
import { parsePrefix } from "./install/prefix.ts";
import {
  functionNames,
  readFunctionFiles,
  readMigrations,
  readVersion,
} from "./install/product.ts";
import { createReadFile } from "./install/project_file.ts";
import { followRenames } from "./install/renamed.ts";
import { makeRoom } from "./install/room.ts";
import { describeNextSteps, describeOutcome } from "./install/summary.ts";
import { requireSupabaseCli } from "./install/supabase_cli_version.ts";
import { finishWriting, writeChanges } from "./install/write.ts";

const usage = `install [FOLDER] [options]

Puts the functions, migrations and settings into the Supabase project in FOLDER (default: where you
are). If an earlier version is there, upgrades it.

  --schema NAME   put the tables into this schema instead of public
  --prefix NAME   call the functions NAME-clerk-webhook and so on
  --replace       take the place of your own functions of the same name, if git has them
  --dry-run       print the change as a patch, and change nothing
  --allow-dirty   go on although git has uncommitted changes

DB_CONNECTION_STRING: a database to look at first. Nothing in it is changed.`;

const printer = createPrinter();
await runOnApplication(printer, {
  usage,
  options: {
    schema: { type: "string" },
    prefix: { type: "string" },
    replace: { type: "boolean", default: false },
    "dry-run": { type: "boolean", default: false },
    "allow-dirty": { type: "boolean", default: false },
  },
}, (project, flags) =>
  install(project, {
    schema: flags.schema || undefined,
    prefix: flags.prefix || undefined,
    replace: flags.replace,
    dryRun: flags["dry-run"],
    allowDirty: flags["allow-dirty"],
    databaseUrl: Deno.env.get("DB_CONNECTION_STRING") || undefined,
  }));

type Choices = {
  schema: string | undefined;
  prefix: string | undefined;
  replace: boolean;
  dryRun: boolean;
  allowDirty: boolean;
  databaseUrl: string | undefined;
};

async function install(project: string, choices: Choices): Promise<void> {
  const { dryRun } = choices;
  if (await Deno.realPath(project) === await Deno.realPath(checkout)) {
    throw new Error("This is this project's own checkout. Give the folder of your application");
  }
  using _ = lockProject(project, { shared: dryRun });
  if (dryRun) requireFinished(project);
  else finishWriting(project);
  const { plan, notes, ...outcome } = await prepare(project, choices);
  if (dryRun) return await printDryRun(printer, project, plan.changes, notes);
  writeChanges(project, plan.changes);
  const folder = relative(here, project) || ".";
  printer.line(describeOutcome({ ...outcome, folder, plan }));
  for (const note of notes) printer.line(`\nNote: ${note}`);
  if (plan.changes.length > 0) {
    const { names, before } = outcome;
    printer.line(`\n${describeNextSteps({ folder, names, upgrade: before !== undefined })}`);
  }
}

/** Checks everything, and plans the change. */
async function prepare(project: string, choices: Choices) {
  const now = new Date();
  const read = createReadFile(project);
  const configuration = parseConfiguration(await read(configurationPath) ?? "");
  await requireSupabaseCli(project);
  const manifestText = await read(manifestPath);
  const manifest = manifestText === undefined
    ? undefined
    : await followRenames(project, parseManifest(manifestText));
  const version = await readVersion();
  const { schema, prefix } = choosePlace(choices, manifest);
  const repository = await openRepository(project);
  if (!choices.dryRun && !choices.allowDirty) await requireCleanTree(repository, read, manifest);
  const names = functionNames.map((name) => `${prefix}${name}`);
  const shipped = await readMigrations();
  const [first = ""] = shipped.keys();
  if (manifest === undefined) await requireFirstTime(first, project);
  const replaced = manifest
    ? undefined
    : await makeRoom(project, configuration, prefix, repository, choices.replace);
  requireNotOlder(version, manifest);

  const migrations = placeTablesOf(shipped, schema);
  const remote = await askDatabaseAhead(choices.databaseUrl, migrations);
  const local = await readVersions(project);
  const functions = await readFunctionFiles(prefix);
  const plan = await planInstall(
    { version, schema, prefix, functions, migrations, replaced },
    { read, manifest, versions: [...local, ...remote ?? []], now },
  );
  const adds = plan.added.length > 0;
  const written = plan.changes.flatMap(({ path, after }) => after === null ? [] : path);
  const surroundings = { project, configuration, names, repository, local, remote, adds, written };
  return {
    plan,
    notes: [...plan.notes, ...await describeSurroundings({ ...surroundings, now })],
    names,
    version,
    before: manifest?.version,
  };
}

/** The schema and the prefix that were chosen, else those that are installed. */
function choosePlace({ schema, prefix }: Choices, manifest: Manifest | undefined) {
  const chosenSchema = schema === undefined ? undefined : parseTableSchema(schema, "--schema");
  const chosenPrefix = prefix === undefined ? undefined : parsePrefix(prefix);
  return {
    schema: settle("schema", chosenSchema, manifest?.schema) ?? "public",
    prefix: settle("prefix", chosenPrefix, manifest?.prefix) ?? "",
  };
}

function requireNotOlder(version: string, manifest: Manifest | undefined) {
  if (manifest === undefined || compare(manifest.version, version, "<=")) return;
  throw new Error(
    `Version ${manifest.version} is installed, which is newer than ${version}. Install a newer one, or ` +
      "uninstall first",
  );
}

/** The versions that the database has; undefined if there is none to ask. */
async function askDatabaseAhead(
  databaseUrl: string | undefined,
  migrations: ReadonlyMap<string, string>,
): Promise<readonly string[] | undefined> {
  if (databaseUrl === undefined) return undefined;
  const [preflight = ""] = migrations.values();
  // PostgreSQL's client takes as long to load as all the rest.
  const { askAhead } = await import("./install/rehearsal.ts");
  const { versions, refusal } = await askAhead(databaseUrl, preflight);
  if (refusal !== undefined) throw new Error(refusal);
  return versions;
}

/** What was chosen, else what is installed. An installation cannot move. */
function settle(
  what: string,
  chosen: string | undefined,
  installed: string | undefined,
): string | undefined {
  if (chosen === undefined || installed === undefined || chosen === installed) {
    return chosen ?? installed;
  }
  throw new Error(
    `It is installed with another ${what} already (${
      installed || "none"
    }). Leave --${what} out, or ` +
      "uninstall first",
  );
}
