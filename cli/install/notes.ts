import {
  type Configuration,
  findClosedApi,
  findContradictions,
  findFewRows,
} from "./configuration.ts";
import { describeFunction, findOtherWebhooks } from "./existing_function.ts";
import type { Repository } from "./git.ts";
import { listFiles } from "./list_files.ts";
import { continuesNumbers, youngestOf } from "./series.ts";

const secretsFile = "supabase/functions/.env";

/** What else its user should know about the application, a line each. */
export async function describeSurroundings(
  { project, configuration, names, repository, local, remote, adds, written, now }: {
    project: string;
    configuration: Configuration;
    /** Of the installed functions. */
    names: readonly string[];
    repository: Repository | undefined;
    /** Versions of the application's own migrations. */
    local: readonly string[];
    /** Versions that the database has. Undefined if none was asked. */
    remote: readonly string[] | undefined;
    /** Whether migrations are added. */
    adds: boolean;
    /** Paths of the files that are written. */
    written: readonly string[];
    now: Date;
  },
): Promise<string[]> {
  const { migrations } = configuration.db;
  const others = await findOtherWebhooks(project, names);
  return [
    ...others.map((other) =>
      `supabase/functions/${other.name} is yours and stays. ${
        describeFunction(other)
      }. If Clerk still ` +
      "calls it, take its endpoint out once the new one works"
    ),
    ...Object.entries(configuration.remotes).flatMap(([remote, { functions }]) =>
      findContradictions(functions, names).map((line) =>
        `[remotes.${remote}] overrides the functions: ${line}. Take it out`
      )
    ),
    ...describeApi("api", configuration.api),
    ...Object.entries(configuration.remotes).flatMap(([remote, { api }]) =>
      describeApi(`remotes.${remote}.api`, api)
    ),
    ...(migrations.enabled !== false ? [] : [
      "[db.migrations] enabled = false: supabase db push applies nothing. Apply the new migrations " +
      "as you apply your own",
    ]),
    ...await describeSchemas(project, migrations.schema_paths),
    ...(adds ? describeSeries(local, now) : []),
    ...describeHistory(local, remote),
    ...await describeIgnored(repository, written),
    ...await describeSecretsFile(repository),
  ];
}

/** Without schema_paths, the Supabase CLI takes every file in supabase/schemas. */
async function describeSchemas(project: string, paths: unknown): Promise<string[]> {
  const listed = [paths].flat().join("") !== "";
  const files = listed ? [] : await listFiles(project, "supabase/schemas") ?? [];
  if (!listed && !files.some((path) => path.endsWith(".sql"))) return [];
  const where = listed ? "[db.migrations] has schema_paths" : "Your schema is in supabase/schemas";
  return [
    `${where}: supabase db diff takes the new tables for a difference. Do not let it drop them`,
  ];
}

function describeApi(section: string, settings: Configuration["api"]): string[] {
  const closed = findClosedApi(settings);
  const few = findFewRows(settings);
  return [
    ...(closed === undefined ? [] : [
      `[${section}] ${closed}: the Edge Functions call SQL functions in public through the Data API. ` +
      'Switch it on, with "public" among its schemas',
    ]),
    ...(few === undefined
      ? []
      : [`[${section}] ${few}: backfill and reconcile read 1000 rows at once. Allow as many`]),
  ];
}

function describeSeries(local: readonly string[], now: Date): string[] {
  const youngest = youngestOf(local);
  const today = now.toISOString().replace(/\D/g, "").slice(0, 14);
  if (youngest.length === 8 && !continuesNumbers(local)) {
    return [
      "Your migrations are numbered by day. The new ones have the time as well, so your next one must " +
      "have a later day",
    ];
  }
  if (youngest.length !== 14 || youngest <= today) return [];
  return [
    `Your migration ${youngest} is in the future, and the new ones follow it. Give your next one a ` +
    "later version too",
  ];
}

function describeHistory(local: readonly string[], remote: readonly string[] | undefined) {
  const unknown = (remote ?? []).filter((version) => !local.includes(version));
  if (unknown.length === 0) return [];
  return [
    `The database has ${unknown.length} ${
      unknown.length === 1 ? "migration" : "migrations"
    } that ` +
    `supabase/migrations lacks, such as ${
      unknown.sort()[0]
    }. Fetch them first (supabase migration ` +
    "fetch), or supabase db push refuses",
  ];
}

async function describeIgnored(repository: Repository | undefined, written: readonly string[]) {
  // An example of variables may well be ignored.
  const needed = written.filter((path) => path.startsWith("supabase/"));
  const ignored = needed.length > 0 ? await repository?.ignored(needed) ?? [] : [];
  if (ignored.length === 0) return [];
  return [
    `git ignores ${ignored.length} of the files, such as ${
      ignored[0]
    }. Change .gitignore, or your ` +
    "commit lacks them",
  ];
}

async function describeSecretsFile(repository: Repository | undefined): Promise<string[]> {
  if (repository === undefined) return [];
  if (await repository.isTracked(secretsFile)) {
    return [
      `git has ${secretsFile}. Take it out (git rm --cached), and put no secret into it before`,
    ];
  }
  if (!await repository.wouldAdd(secretsFile)) return [];
  return [
    `git does not ignore ${secretsFile}. Add it to .gitignore before you put secrets into it`,
  ];
}
