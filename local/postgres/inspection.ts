import { runAs } from "./account.ts";
import type { PostgresMajor } from "../binaries/postgres.ts";
import type { ServerLocation } from "./location.ts";

// What no cluster can be without, whatever state it was left in.
const script = `
  cd "$1" || exit
  [ -n "$(ls -A)" ] || { echo empty; exit; }
  [ -e PG_VERSION ] || { echo without PG_VERSION; exit; }
  version=$(cat PG_VERSION)
  for part in global/pg_control base pg_wal pg_xact postgresql.conf pg_hba.conf; do
    [ "$version" != "$2" ] || [ -e "$part" ] || { echo "without $part"; exit; }
  done
  echo "$version"
`;

/**
 * What the place of a database holds: "none", a "sound" cluster of this PostgreSQL, or, as a sentence
 * without its full stop, what stands in the way. Nothing that is there is ever taken for nothing.
 */
export async function inspectCluster(
  { account, data }: ServerLocation,
  major: PostgresMajor,
): Promise<string> {
  const place = await Deno.lstat(data).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  });
  if (place === undefined) return "none";
  if (!place.isDirectory) return `${data} is not the folder of a database`;
  const { success, text } = await runAs(account, script, [data, major]);
  if (!success) return `The database in ${data} cannot be read (${text})`;
  if (text === "empty") return "none";
  if (text.startsWith("without ")) return `The database in ${data} is damaged: it is ${text}`;
  if (text === major) return "sound";
  return `The database in ${data} is PostgreSQL ${text}'s, and this stack runs ` +
    `PostgreSQL ${major} (LOCAL_POSTGRES chooses)`;
}
