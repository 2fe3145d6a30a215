import { ifPresent } from "../presence.ts";
import { runAs } from "./account.ts";
import type { PostgresMajor } from "../binaries/postgres.ts";
import type { ServerLocation } from "./location.ts";

// Checks for the files that every cluster has, whatever state it was left in.
const script = `
  cd "$1" || exit
  entries=$(ls -A) || exit
  [ -n "$entries" ] || { echo empty; exit; }
  # Ends if a part is missing, and fails if it cannot be seen. The test -e would not tell the two apart.
  require() {
    problem=$(ls -d "$1" 2>&1 >/dev/null) && return
    case $problem in *"No such file"*) echo "without $1"; exit ;; esac
    echo "$problem" >&2
    exit 1
  }
  require PG_VERSION
  version=$(cat PG_VERSION) || exit
  for part in global/pg_control base pg_wal pg_xact postgresql.conf pg_hba.conf; do
    [ "$version" != "$2" ] || require "$part"
  done
  echo "$version"
`;

/**
 * What the place of a database holds: "none", a "sound" cluster of this PostgreSQL, or else a sentence
 * without its full stop that says what is wrong. Existing data never counts as "none".
 *
 * @throws Error with what to do if the place cannot be read.
 */
export async function inspectCluster(
  { account, data }: ServerLocation,
  major: PostgresMajor,
): Promise<string> {
  const place = await ifPresent(Deno.lstat(data));
  if (place === undefined) return "none";
  if (!place.isDirectory) return `${data} is not a database folder`;
  const { success, text } = await runAs(account, script, [data, major]);
  if (!success) {
    throw new Error(
      `The database in ${data} cannot be read (${text}). Give the account that PostgreSQL ` +
        "runs as access to it, or start over with: deno task start --fresh",
    );
  }
  if (text === "empty") return "none";
  if (text.startsWith("without ")) return `The database in ${data} is damaged: it is ${text}`;
  if (text === major) return "sound";
  return `The database in ${data} belongs to PostgreSQL ${text}, but this stack runs ` +
    `PostgreSQL ${major} (LOCAL_POSTGRES sets the version)`;
}
