import { createHash } from "node:crypto";
import { dirname, join } from "node:path";
import type { Account } from "../supervisor/process.ts";
import { canEnter, serverAccount } from "./account.ts";

/** Where a PostgreSQL server keeps its files and whose it is. */
export type ServerLocation = {
  /** Undefined: this process' own account. */
  account: Account | undefined;
  /** Folder with `bin`, `lib` and `share`. */
  installation: string;
  /** In a folder of this process' own; itself and all below it the account's. */
  data: string;
};

const outside = "/var/tmp";
const prefix = "supabase-postgres-";

/**
 * Finds a place that the server's account can reach.
 *
 * Started by root, PostgreSQL runs as another account, to which a checkout below /root is closed.
 * Its files then live below /var/tmp, and `<directory>/postgres` is a link to them. Only the data is
 * that account's: in what is above it root may write, since nobody else can plant links there.
 *
 * @param directory The stack's folder.
 * @param installation The installed binaries.
 */
export async function locateServer(
  directory: string,
  installation: string,
): Promise<ServerLocation> {
  const account = await serverAccount();
  const home = join(directory, "postgres");
  if (account === undefined) {
    await Deno.mkdir(home, { recursive: true });
    return { account, installation, data: join(home, "data") };
  }
  const place = await choosePlace(directory, home, account);
  const reachable = await canEnter(account, join(installation, "bin"));
  return {
    account,
    installation: reachable ? installation : await copyBinaries(installation, place, account),
    data: join(place, "data"),
  };
}

/** Removes a database and whatever lies elsewhere for it. */
export async function removeServer(directory: string): Promise<void> {
  const home = join(directory, "postgres");
  const link = await readLink(home);
  if (link === outsideOf(home)) await removeAll(link);
  // A link of the user's own making, to another disk say, stays.
  if (link === undefined || link === outsideOf(home)) await removeAll(home);
  else await removeAll(join(home, "data"));
}

/** Removes a file or a folder with all that is in it, and no more: links are not followed. */
export async function removeAll(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}

async function choosePlace(directory: string, home: string, account: Account): Promise<string> {
  const place = outsideOf(home);
  if (await readLink(home) !== place && await letIn(account, directory)) {
    await claim(home, account);
    return home;
  }
  await sweepOutside();
  if (await readLink(home) !== place) {
    // Without the link these are remains of a stack folder that has been removed since.
    await removeAll(place);
    await removeAll(home);
    await Deno.symlink(place, home);
  }
  await claim(place);
  await Deno.writeTextFile(join(place, "home"), home);
  return place;
}

/** True where the account can enter the stack's folder, opened for passage where it alone is closed. */
async function letIn(account: Account, directory: string): Promise<boolean> {
  if (await canEnter(account, directory)) return true;
  if (!await canEnter(account, dirname(directory))) return false;
  const { mode } = await Deno.stat(directory);
  await Deno.chmod(directory, ((mode ?? 0) & 0o777) | 0o011);
  return await canEnter(account, directory);
}

/**
 * Makes a folder root's, open for passage.
 *
 * @param former Who may have had it: earlier versions gave all of it to the server's account. Only
 * where nobody else can put a link in its place.
 */
async function claim(path: string, former?: Account): Promise<void> {
  await Deno.mkdir(path).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const { isDirectory, uid } = await Deno.lstat(path);
  if (!isDirectory || (uid !== 0 && uid !== former?.uid)) {
    throw new Error(
      `${path} is not a folder of root's. Begin anew with: deno task start --fresh`,
    );
  }
  await Deno.chown(path, 0, 0);
  await Deno.chmod(path, 0o711);
}

function outsideOf(home: string): string {
  const hash = createHash("sha256").update(home).digest("hex").slice(0, 12);
  return join(outside, `${prefix}${hash}`);
}

/** Removes what stack folders left outside that have been removed since. Others may do the same. */
async function sweepOutside() {
  for await (const { name } of Deno.readDir(outside)) {
    if (!name.startsWith(prefix)) continue;
    const place = join(outside, name);
    const owner = await Deno.lstat(place).then(({ uid }) => uid, () => undefined);
    if (owner !== 0) continue;
    const home = await Deno.readTextFile(join(place, "home")).catch(() => undefined);
    if (home === undefined || await readLink(home) === place) continue;
    await Deno.remove(place, { recursive: true }).catch(() => {});
  }
}

async function readLink(path: string): Promise<string | undefined> {
  return await Deno.readLink(path).catch(() => undefined);
}

async function copyBinaries(
  installation: string,
  place: string,
  account: Account,
): Promise<string> {
  const identity = createHash("sha256").update(installation).digest("hex").slice(0, 12);
  const copy = join(place, `binaries-${identity}`);
  if (await canEnter(account, join(copy, "bin"))) return copy;
  const draft = `${copy}.draft`;
  await removeAll(draft);
  await removeAll(copy);
  const { success, stderr } = await new Deno.Command("/bin/sh", {
    // Whatever the umask under which they were installed.
    args: ["-c", 'cp -R "$1" "$2" && chmod -R a+rX "$2"', "sh", installation, draft],
  }).output();
  if (!success) throw new Error(`Could not copy PostgreSQL: ${new TextDecoder().decode(stderr)}`);
  await Deno.rename(draft, copy);
  return copy;
}
