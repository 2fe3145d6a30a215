import { join } from "node:path";
import type { PostgresMajor } from "../binaries/postgres.ts";
import { ifPresent, removeAll } from "../presence.ts";
import type { Account } from "../supervisor/process.ts";
import { runAs } from "./account.ts";
import { inspectCluster } from "./inspection.ts";
import type { ServerLocation } from "./location.ts";

/** A file in a stack's folder that has a database, wherever that is: one that is gone was lost. */
export function databaseMark(directory: string): string {
  return join(directory, "database_made");
}

/** What a cluster is made with. */
export type ClusterChoice = { major: PostgresMajor; icuLocale: string | undefined };

/**
 * Makes an empty database cluster where there is none, and never was.
 *
 * @param directory The stack's folder.
 * @param choice Its PostgreSQL, and the ICU locale that it sorts by, such as en-US; by code point without one.
 * @param adminPassword The superuser's.
 * @throws Error with the way on where there is something that is no cluster of this stack's.
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
  // Made beside its place and moved there: an interrupted start leaves no half database.
  const draft = `${location.data}.draft`;
  await removeAll(draft);
  await makeFolder(draft, location.account);
  await initialise(location, choice, draft, adminPassword);
  await Deno.rename(draft, location.data);
  await Deno.writeTextFile(mark, "");
}

/** A folder of the account's in one of this process' own. */
async function makeFolder(path: string, account: Account | undefined): Promise<void> {
  // It fails where there is anything by that name, so that no link is followed.
  await Deno.mkdir(path, { mode: 0o700 });
  if (account !== undefined) await Deno.chown(path, account.uid, account.gid);
}

async function initialise(
  { account, installation }: ServerLocation,
  choice: ClusterChoice,
  draft: string,
  adminPassword: string,
): Promise<void> {
  // The second pipe is the account's own: it could not open one of root's by its path.
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

/** The locale, the same on every machine; a hosted project uses the system's en_US.UTF-8. */
function localeArguments({ major, icuLocale }: ClusterChoice): string[] {
  if (icuLocale !== undefined) return ["--locale-provider=icu", `--icu-locale=${icuLocale}`];
  // PostgreSQL's own C.UTF-8 is new in 17. Without it only ASCII letters have an upper case.
  if (major === "15") return [];
  return ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"];
}
