/** Puts the functions, migrations and settings into an application's Supabase project, or upgrades them. */
import { compare } from "compare-versions";
import { relative, resolve } from "node:path";
import { parseArgs } from "node:util";
import { reportFailure } from "../local/failure.ts";
import { parseTableSchema } from "../local/migrations/schema.ts";
import { createPrinter } from "../local/printer.ts";
import { findProject } from "./install/application.ts";
import { describeChanges } from "./install/change.ts";
import { configurationPath, parseConfiguration } from "./install/configuration.ts";
import { requireCleanTree } from "./install/clean_tree.ts";
import { openRepository } from "./install/git.ts";
import { manifestPath, parseManifest } from "./install/manifest.ts";
import { placeMigrations, readVersions } from "./install/migrations.ts";
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
import { askAhead } from "./install/rehearsal.ts";
import { makeRoom } from "./install/room.ts";
import { describeNextSteps } from "./install/summary.ts";
import { requireSupabaseCli } from "./install/supabase_cli_version.ts";
import { finishWriting, isUnfinished, writeChanges } from "./install/write.ts";

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
try {
  const { values: flags, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      schema: { type: "string" },
      prefix: { type: "string" },
      replace: { type: "boolean", default: false },
      "dry-run": { type: "boolean", default: false },
      "allow-dirty": { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  if (flags.help) {
    printer.line(usage);
    Deno.exit(0);
  }
  if (positionals.length > 1) throw new Error("Give one folder. See the options with --help");
  const here = Deno.env.get("INIT_CWD") ?? Deno.cwd();
  await install(await findProject(resolve(here, positionals[0] ?? ".")), {
    schema: flags.schema || undefined,
    prefix: flags.prefix || undefined,
    replace: flags.replace,
    dryRun: flags["dry-run"],
    allowDirty: flags["allow-dirty"],
    databaseUrl: Deno.env.get("DB_CONNECTION_STRING") || undefined,
  });
} catch (error) {
  reportFailure(printer, error);
  Deno.exit(1);
}

type Choices = {
  schema: string | undefined;
  prefix: string | undefined;
  replace: boolean;
  dryRun: boolean;
  allowDirty: boolean;
  databaseUrl: string | undefined;
};

async function install(project: string, choices: Choices): Promise<void> {
  if (choices.dryRun && isUnfinished(project)) {
    throw new Error("An earlier change was interrupted. Run it again without --dry-run first");
  }
  if (!choices.dryRun) finishWriting(project);
  const now = new Date();
  const read = createReadFile(project);
  const configuration = parseConfiguration(await read(configurationPath) ?? "");
  await requireSupabaseCli(project);
  const manifestText = await read(manifestPath);
  const manifest = manifestText === undefined ? undefined : parseManifest(manifestText);
  const schema = settle(
    "schema",
    choices.schema && parseTableSchema(choices.schema, "--schema"),
    manifest?.schema,
  ) ??
    "public";
  const prefix =
    settle("prefix", choices.prefix && parsePrefix(choices.prefix), manifest?.prefix) ?? "";
  const repository = await openRepository(project);
  if (!choices.dryRun && !choices.allowDirty) await requireCleanTree(repository, read, manifest);

  const names = functionNames.map((name) => `${prefix}${name}`);
  const room = manifest ? undefined : await makeRoom(project, names, repository, choices.replace);
  const migrations = placeMigrations(await readMigrations(), schema);
  const [preflight = ""] = migrations.values();
  const database = choices.databaseUrl === undefined
    ? undefined
    : await askAhead(choices.databaseUrl, preflight);
  if (database?.refusal !== undefined) throw new Error(database.refusal);
  const local = await readVersions(project);
  const version = await readVersion();
  if (manifest && compare(manifest.version, version, ">")) {
    throw new Error(
      `Version ${manifest.version} is installed, which is newer than ${version}. Install a newer one, or ` +
        "uninstall first",
    );
  }
  const plan = await planInstall(
    {
      version,
      schema,
      prefix,
      functions: await readFunctionFiles(prefix),
      migrations,
      replaced: room,
    },
    { read, manifest, configuration, versions: [...local, ...database?.versions ?? []], now },
  );
  const notes = [
    ...plan.notes,
    ...await describeSurroundings({
      project,
      configuration,
      names,
      repository,
      local,
      remote: database?.versions,
      adds: plan.added.length > 0,
      now,
    }),
  ];

  const folder = relative(Deno.cwd(), project) || ".";
  if (choices.dryRun) {
    printer.line(describeChanges(plan.changes).replace(/\n$/, ""));
    for (const note of notes) printer.error(`Note: ${note}`);
    return;
  }
  writeChanges(project, plan.changes);
  if (plan.changes.length === 0) {
    printer.line(`Version ${version} is in ${folder} already, and complete`);
  } else if (manifest?.version === version) {
    printer.line(`Completed version ${version} in ${folder}: ${plan.changes.length} files changed`);
  } else if (manifest) {
    printer.line(
      `Upgraded ${folder} from ${manifest.version} to ${version}: ${plan.changes.length} files changed, ` +
        `${plan.added.length} of them new migrations`,
    );
  } else {
    printer.line(
      `Installed version ${version} in ${folder}: the functions ${names.join(", ")}, and ` +
        `${plan.added.length} migrations`,
    );
  }
  for (const note of notes) printer.line(`\nNote: ${note}`);
  if (plan.changes.length > 0) {
    printer.line(`\n${describeNextSteps({ folder, names, upgrade: manifest !== undefined })}`);
  }
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
