import { type DatabaseAddress, parseDatabaseAddress } from "./database_address.ts";
import { countUnknownVersions, explainFailure, withoutAdvice } from "./supabase_cli_failure.ts";

/** The outcome of a Supabase CLI command. Neither text ever holds the database's password. */
export type CliOutcome = {
  success: boolean;
  stdout: string;
  stderr: string;
  /** Versions in the database's migration history that the project lacks. If there are any, the CLI fails. */
  unknownVersions: number;
};

export type DatabaseCommand = {
  /** The Supabase CLI's binary. */
  file: string;
  /** Folder of the CLI's own files. */
  home: string;
  /** Folder that contains `supabase/`. */
  project: string;
  databaseUrl: string;
  args: string[];
};

/** Runs a command of the real Supabase CLI on a database. */
export async function runOnDatabase(
  { file, home, project, databaseUrl, args }: DatabaseCommand,
): Promise<CliOutcome> {
  const database = parseDatabaseAddress(databaseUrl);
  const { address, password, loopback } = database;
  const { success, stdout, stderr } = await new Deno.Command(file, {
    args: [...args, `--workdir=${project}`, `--remote=${address}`, "--yes", "--agent=no"],
    clearEnv: true,
    env: {
      ...buildSupabaseCliEnvironment(home),
      ...passOn(["PGSSLMODE", "PGSSLROOTCERT"]),
      // The local server has no TLS, and needs none.
      ...(loopback ? { PGSSLMODE: "disable" } : {}),
      // Not an argument, because every user of the machine can read those.
      ...(password === undefined ? {} : { PGPASSWORD: password }),
    },
    stdin: "null",
  }).output();
  const read = (bytes: Uint8Array) => redact(new TextDecoder().decode(bytes), database);
  const [output, errors] = [read(stdout), read(stderr)];
  if (success) return { success, stdout: output, stderr: errors, unknownVersions: 0 };
  return {
    success,
    stdout: withoutAdvice(output),
    stderr: explainFailure(errors, database),
    unknownVersions: countUnknownVersions(errors),
  };
}

/**
 * The Supabase CLI's environment: its files are in a folder of their own, not in this user's home and
 * keyring, and it sends no telemetry.
 */
export function buildSupabaseCliEnvironment(home: string): Record<string, string> {
  return {
    ...passOn(["PATH", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR"]),
    HOME: home,
    SUPABASE_HOME: home,
    SUPABASE_TELEMETRY_DISABLED: "1",
    SUPABASE_NO_KEYRING: "1",
    // Otherwise the CLI asks GitHub for its newest version.
    SUPABASE_NO_UPDATE_NOTIFIER: "1",
    DO_NOT_TRACK: "1",
    NO_COLOR: "1",
    // The CLI runs on Bun. Of a second of its CPU, half is compiling code that a short run never gets back.
    BUN_JSC_useDFGJIT: "0",
  };
}

function redact(text: string, { password, user }: DatabaseAddress): string {
  // A password that equals the user's name is no secret, and replacing it would garble the output.
  if (password === undefined || password === user) return text;
  return text.replaceAll(password, "[password]")
    .replaceAll(encodeURIComponent(password), "[password]");
}

function passOn(names: string[]): Record<string, string> {
  return Object.fromEntries(names.flatMap((name) => {
    const value = Deno.env.get(name);
    return value === undefined ? [] : [[name, value]];
  }));
}
