import { join } from "node:path";
import { ifPresent } from "../../local/presence.ts";
import { findProject } from "../install/application.ts";
import { findManifest, type Manifest } from "../install/manifest.ts";
import { migrationsFolder } from "../install/migrations.ts";
import { followRenames } from "../install/renamed.ts";
import { type functionNames, readMigrations } from "../install/product.ts";

/** What should be in the project: as installed into an application, else as in this checkout. */
export interface Installation {
  /** The deployed names by ours. */
  readonly functions: Readonly<Record<FunctionName, string>>;
  /** In front of the deployed names. */
  readonly prefix: string;
  /** The text of each migration by its version, in order. */
  readonly migrations: ReadonlyMap<string, string>;
  /** Whether the texts are as in this checkout, with the tables in public. */
  readonly asShipped: boolean;
}

export type FunctionName = typeof functionNames[number];

/** @param folder where the command was typed */
export async function readInstallation(folder: string): Promise<Installation> {
  const application = await findApplication(folder);
  const prefix = application?.manifest.prefix ?? "";
  return {
    functions: {
      "clerk-webhook": `${prefix}clerk-webhook`,
      "users-me": `${prefix}users-me`,
      "users-sync": `${prefix}users-sync`,
      "clerk-reconcile": `${prefix}clerk-reconcile`,
    },
    prefix,
    migrations: application ? await readInstalled(application) : byVersion(await readMigrations()),
    asShipped: application === undefined,
  };
}

interface Application {
  readonly project: string;
  readonly manifest: Manifest;
}

async function findApplication(folder: string): Promise<Application | undefined> {
  const project = await findProject(folder).catch(() => undefined);
  if (project === undefined) return undefined;
  const manifest = await findManifest(project);
  return manifest && { project, manifest: await followRenames(project, manifest) };
}

/** A file that is gone counts as empty: the database has more than the folder then. */
async function readInstalled({ project, manifest }: Application): Promise<Map<string, string>> {
  const paths = Object.values(manifest.migrations).sort();
  const texts = await Promise.all(
    paths.map(async (path) =>
      [path, await ifPresent(Deno.readTextFile(join(project, path))) ?? ""] as const
    ),
  );
  return byVersion(texts.map(([path, text]) => [path.slice(migrationsFolder.length + 1), text]));
}

function byVersion(texts: Iterable<readonly [string, string]>): Map<string, string> {
  return new Map([...texts].map(([name, text]) => [name.replace(/_.*$/, ""), text]));
}
