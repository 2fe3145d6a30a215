import { createHash } from "node:crypto";
import { basename, dirname, join } from "node:path";
import { findOtherHome, isHome, leadsTo, readHome, recordHome } from "../home.ts";
import { requireEndOfLink } from "../owner.ts";
import { ifPresent, removeAll } from "../presence.ts";
import type { Account } from "../supervisor/process.ts";
import { canEnter, serverAccount } from "./account.ts";

/** The places of a PostgreSQL server's files, and its account. */
export type ServerLocation = {
  /** Undefined: this process' own account. */
  account: Account | undefined;
  /** Folder with `bin`, `lib` and `share`. */
  installation: string;
  /** Belongs to the account, with everything in it. The folder above it belongs to this process. */
  data: string;
};

const outside = "/var/tmp";
const prefix = "supabase-postgres-";

/**
 * Finds a place for the database that the server's account can reach.
 *
 * If root starts the stack, PostgreSQL runs as another account, which cannot enter a checkout below
 * /root. The files are then below /var/tmp, and `<directory>/postgres` is a link to them. Only the data
 * belongs to that account. Root may write in the folder above, because nobody else can plant links there.
 *
 * @param directory The stack's folder.
 * @param installation The installed binaries.
 * @throws Error with what to do if there is a database that cannot be reached, or another stack's.
 */
export async function locateServer(
  directory: string,
  installation: string,
): Promise<ServerLocation> {
  const account = await serverAccount();
  const home = join(directory, "postgres");
  await requireEndOfLink(home);
  if (account === undefined) {
    await Deno.mkdir(home, { recursive: true });
    await takeOver(home);
    return { account, installation, data: join(home, "data") };
  }
  const place = await choosePlace(directory, home, account);
  await takeOver(home);
  const reachable = await canEnter(account, join(installation, "bin"));
  return {
    account,
    installation: reachable ? installation : await copyBinaries(installation, place, account),
    data: join(place, "data"),
  };
}

/** Removes a database, with its files elsewhere. Of another stack's database, removes only the link. */
export async function removeServer(directory: string): Promise<void> {
  const home = join(directory, "postgres");
  const link = await readLink(home);
  if (link === undefined) return await removeAll(home);
  const empty = await ifPresent(Deno.lstat(join(home, "data"))) === undefined;
  const own = await isHome(home) || (empty && await readHome(home) === undefined);
  if (own && isOutside(link)) await removeAll(link);
  // A link that the user made, such as to another disk, stays. Under root it is removed: the server does
  // not follow it.
  if (own && !isOutside(link) && Deno.uid() !== 0) await removeAll(join(home, "data"));
  else await removeAll(home);
}

/** Databases below /var/tmp that no stack folder links to: it was removed, or is not mounted. */
export async function findStrays(): Promise<string[]> {
  const strays: string[] = [];
  if (Deno.uid() !== 0) return strays;
  for await (const { name } of Deno.readDir(outside)) {
    const place = join(outside, name);
    // Another start may remove it meanwhile. Any account can make a folder of such a name.
    if (!isOutside(place) || (await ifPresent(Deno.lstat(place)))?.uid !== 0) continue;
    const home = await readHome(place);
    if (home !== undefined && !await leadsTo(home, place)) strays.push(place);
  }
  return strays.sort();
}

/** Records the database as this stack's. Refuses if it is another stack's, reached by a copied link. */
async function takeOver(home: string): Promise<void> {
  const other = await findOtherHome(home);
  if (other === undefined) return await recordHome(home);
  throw new Error(
    `${home} is a link to the database of the stack in ${dirname(other)}. Start over, without ` +
      "touching that one, with: deno task start --fresh",
  );
}

async function choosePlace(directory: string, home: string, account: Account): Promise<string> {
  const link = await readLink(home);
  if (link !== undefined && isOutside(link)) {
    await claim(link);
    return link;
  }
  if (await letIn(account, directory)) {
    await claim(home, account);
    return home;
  }
  if (await ifPresent(Deno.lstat(join(home, "data"))) !== undefined) {
    throw new Error(
      `PostgreSQL, which root runs as nobody, cannot reach the database in ${home}. Let others enter ` +
        "every folder above it (chmod o+x), or start over with: deno task start --fresh",
    );
  }
  await removeAll(home);
  // A new name, because somebody may still need what an earlier stack folder of the same path left there.
  const place = await Deno.makeTempDir({ dir: outside, prefix });
  await claim(place);
  await Deno.symlink(place, home);
  return place;
}

/** Whether the account can enter the stack's folder. If only that folder is closed, opens it for passage. */
async function letIn(account: Account, directory: string): Promise<boolean> {
  if (await canEnter(account, directory)) return true;
  if (!await canEnter(account, dirname(directory))) return false;
  const { mode } = await Deno.stat(directory);
  await Deno.chmod(directory, ((mode ?? 0) & 0o777) | 0o011);
  return await canEnter(account, directory);
}

/**
 * Makes a folder that belongs to root and is open for passage.
 *
 * @param former An account that may own it now, because earlier versions gave it to the server's account.
 * Pass it only if nobody else can put a link in the folder's place.
 */
async function claim(path: string, former?: Account): Promise<void> {
  await Deno.mkdir(path).catch((error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  });
  const { isDirectory, uid } = await Deno.lstat(path);
  if (!isDirectory || (uid !== 0 && uid !== former?.uid)) {
    throw new Error(
      `${path} is not a folder that belongs to root. Start over with: deno task start --fresh`,
    );
  }
  await Deno.chown(path, 0, 0);
  await Deno.chmod(path, 0o711);
}

function isOutside(path: string): boolean {
  return dirname(path) === outside && basename(path).startsWith(prefix);
}

/** The target of a link; undefined if there is no link. */
async function readLink(path: string): Promise<string | undefined> {
  const found = await ifPresent(Deno.lstat(path));
  return found?.isSymlink ? await Deno.readLink(path) : undefined;
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
    // chmod, because the binaries may have been installed under any umask.
    args: ["-c", 'cp -R "$1" "$2" && chmod -R a+rX "$2"', "sh", installation, draft],
  }).output();
  if (!success) throw new Error(`Could not copy PostgreSQL: ${new TextDecoder().decode(stderr)}`);
  await Deno.rename(draft, copy);
  return copy;
}
