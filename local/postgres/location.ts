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
  data: string;
};

const outside = "/var/tmp";
const prefix = "supabase-postgres-";

/**
 * Finds a place that the server's account can reach.
 *
 * Started by root, PostgreSQL runs as another account, to which a checkout below /root is closed.
 * Its files then live below /var/tmp, and `<directory>/postgres` is a link to them.
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
  const place = await letIn(account, directory) ? home : await linkOutside(home, account);
  await Deno.mkdir(place, { recursive: true });
  await Deno.chown(place, account.uid, account.gid);
  const reachable = await canEnter(account, join(installation, "bin"));
  return {
    account,
    installation: reachable ? installation : await copyBinaries(installation, place),
    data: join(place, "data"),
  };
}

/** True where the account can enter the stack's folder, opened for passage where it alone is closed. */
async function letIn(account: Account, directory: string): Promise<boolean> {
  if (await canEnter(account, directory)) return true;
  if (!await canEnter(account, dirname(directory))) return false;
  const { mode } = await Deno.stat(directory);
  await Deno.chmod(directory, ((mode ?? 0) & 0o777) | 0o011);
  return await canEnter(account, directory);
}

/** Removes a database and whatever lies elsewhere for it. */
export async function removeServer(directory: string): Promise<void> {
  const home = join(directory, "postgres");
  const place = await Deno.realPath(home).catch(() => home);
  await removeAll(place);
  await removeAll(home);
}

async function linkOutside(home: string, account: Account): Promise<string> {
  await sweepOutside(account);
  const hash = createHash("sha256").update(home).digest("hex").slice(0, 12);
  const place = join(outside, `${prefix}${hash}`);
  if (await readLink(home) !== place) {
    // Without the link these are remains of a stack folder that has been removed since.
    await removeAll(place);
    await removeAll(home);
    await Deno.symlink(place, home);
  }
  await Deno.mkdir(place, { mode: 0o700 }).catch(async (error) => {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const { uid, isDirectory } = await Deno.lstat(place);
    if (!isDirectory || uid !== account.uid) {
      throw new Error(`${place} belongs to someone else. Remove it, or choose another LOCAL_DIR`);
    }
  });
  await Deno.writeTextFile(join(place, "home"), home);
  return place;
}

/** Removes what stack folders left outside that have been removed since. Others may do the same. */
async function sweepOutside(account: Account) {
  for await (const { name } of Deno.readDir(outside)) {
    if (!name.startsWith(prefix)) continue;
    const place = join(outside, name);
    const owner = await Deno.lstat(place).then(({ uid }) => uid, () => undefined);
    if (owner !== account.uid) continue;
    const home = await Deno.readTextFile(join(place, "home")).catch(() => undefined);
    if (home === undefined || await readLink(home) === place) continue;
    await Deno.remove(place, { recursive: true }).catch(() => {});
  }
}

async function readLink(path: string): Promise<string | undefined> {
  return await Deno.readLink(path).catch(() => undefined);
}

async function copyBinaries(installation: string, place: string): Promise<string> {
  const identity = createHash("sha256").update(installation).digest("hex").slice(0, 12);
  const copy = join(place, `binaries-${identity}`);
  if (await Deno.stat(copy).then(() => true, () => false)) return copy;
  const draft = `${copy}.draft`;
  await removeAll(draft);
  const { success, stderr } = await new Deno.Command("cp", {
    args: ["-R", installation, draft],
  }).output();
  if (!success) throw new Error(`Could not copy PostgreSQL: ${new TextDecoder().decode(stderr)}`);
  await Deno.rename(draft, copy);
  return copy;
}

async function removeAll(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true }).catch((error) => {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  });
}
