import { join } from "node:path";
import type { PostgresMajor } from "../binaries/postgres.ts";
import { ifPresent, removeAll } from "../presence.ts";
import type { Account } from "../supervisor/process.ts";
import { runAs } from "./account.ts";
import { inspectCluster } from "./inspection.ts";
import type { ServerLocation } from "./location.ts";

/** The file that marks a stack's folder as having a database. If it is there, a missing database was lost. */
export function databaseMark(directory: string): string {
  return join(directory, "database_made");
}

export type ClusterChoice = { major: PostgresMajor; icuLocale: string | undefined };

/**
 * Makes an empty database cluster, unless there is or was one.
 *
 * @param directory The stack's folder.
 * @param choice The version of PostgreSQL, and the ICU locale to sort by, such as en-US; without one, by code point.
 * @param adminPassword The superuser's password.
 * @throws Error with what to do if the place holds anything but a sound cluster, or the cluster was lost.
 */
export async function prepareCluster(
  directory: string,
  location: ServerLocation,
  choice: ClusterChoice,
  adminPassword: string,
): Promise<void> {
  const found = await inspectCluster(location, choice.major);
  const mark = databaseMark(directory);
  if (found === "sound") return await Deno.writeTextFile(mark, "");
  if (found !== "none") throw new Error(`${found}. Start over with: deno task start --fresh`);
  if (await ifPresent(Deno.stat(mark)) !== undefined) {
    throw new Error(
      `The stack's database is no longer in ${location.data}. Restore it, for example by mounting ` +
        "its disk, or start over with: deno task start --fresh",
    );
  }
  // Make the cluster beside its place and move it there, so that an interrupted start leaves no half of one.
  const draft = `${location.data}.draft`;
  await removeAll(draft);
  await makeFolder(draft, location.account);
  await initialise(location, choice, draft, adminPassword);
  await Deno.rename(draft, location.data);
  await Deno.writeTextFile(mark, "");
}

/** Makes a folder that belongs to the account. */
async function makeFolder(path: string, account: Account | undefined): Promise<void> {
  // This fails if anything has that name, so it follows no link.
  await Deno.mkdir(path, { mode: 0o700 });
  if (account !== undefined) await Deno.chown(path, account.uid, account.gid);
}

async function initialise(
  { account, installation }: ServerLocation,
  choice: ClusterChoice,
  draft: string,
  adminPassword: string,
): Promise<void> {
  // `cat |` makes a pipe of the account's own. It could not open root's pipe by its path.
  const script = 'initdb=$1; shift; cat | "$initdb" --pwfile=/dev/stdin "$@"';
  const { success, text } = await runAs(account, script, [
    join(installation, "bin", "initdb"),
    `--pgdata=${draft}`,
    "--username=supabase_admin",
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    ...localeArguments(choice),
    "--no-sync",
    "--no-instructions",
  ], adminPassword);
  if (!success) throw new Error(`initdb failed: ${text}`);
}

/** A locale that is the same on every machine. A hosted project uses the system's en_US.UTF-8. */
function localeArguments({ major, icuLocale }: ClusterChoice): string[] {
  if (icuLocale !== undefined) return ["--locale-provider=icu", `--icu-locale=${icuLocale}`];
  // PostgreSQL has its own C.UTF-8 since 17. Without it, only ASCII letters have an upper case.
  if (major === "15") return [];
  return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
}
