import { join } from "node:path";
import type { ServerLocation } from "./location.ts";

const majorVersion = "17";

/** The password of every local role that logs in, the Supabase CLI's choice. */
export const databasePassword = "postgres";

/** Makes an empty database cluster where there is none. Returns true where it made one. */
export async function prepareCluster(location: ServerLocation): Promise<boolean> {
  const version = await readVersion(location.data);
  if (version === majorVersion) return false;
  if (version !== undefined) {
    throw new Error(
      `The database in ${location.data} is PostgreSQL ${version}'s, and this stack runs ` +
        `PostgreSQL ${majorVersion}. Begin anew with: deno task start --fresh`,
    );
  }
  await initialise(location);
  return true;
}

async function initialise({ account, installation, data }: ServerLocation) {
  // Made beside its place and moved there: an interrupted start leaves no half database.
  const draft = `${data}.draft`;
  await Deno.remove(draft, { recursive: true }).catch(() => {});
  await Deno.remove(data, { recursive: true }).catch(() => {});
  const passwordFile = `${data}.password`;
  try {
    await Deno.writeTextFile(passwordFile, databasePassword, { mode: 0o600 });
    if (account !== undefined) await Deno.chown(passwordFile, account.uid, account.gid);
    const { success, stderr } = await new Deno.Command(join(installation, "bin", "initdb"), {
      args: [
        `--pgdata=${draft}`,
        "--username=supabase_admin",
        `--pwfile=${passwordFile}`,
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        // Sorts by code point on every machine; a hosted project uses the system's en_US.UTF-8.
        "--locale=C",
        "--locale-provider=builtin",
        "--builtin-locale=C.UTF-8",
        "--no-sync",
        "--no-instructions",
      ],
      clearEnv: true,
      env: { TZ: "UTC" },
      cwd: "/",
      ...account,
      stdout: "null",
    }).output();
    if (!success) throw new Error(`initdb failed: ${new TextDecoder().decode(stderr).trim()}`);
    await Deno.rename(draft, data);
  } finally {
    await Deno.remove(passwordFile).catch(() => {});
  }
}

async function readVersion(data: string): Promise<string | undefined> {
  return await Deno.readTextFile(join(data, "PG_VERSION")).then(
    (text) => text.trim(),
    (error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    },
  );
}
