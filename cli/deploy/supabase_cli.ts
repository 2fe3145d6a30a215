import { join } from "node:path";
import { pushMigrations, type PushOutcome } from "../../local/migrations/push.ts";
import { buildSupabaseCliEnvironment } from "../../local/supabase_cli.ts";
import type { Installation } from "../hosted/installation.ts";
import type { ProjectAccess } from "../hosted/supabase.ts";
import { askAhead } from "../install/rehearsal.ts";

/** The real Supabase CLI, working on one project. */
export interface SupabaseCli {
  /** The binary. */
  readonly file: string;
  /** Folder of its own files. */
  readonly home: string;
  /** Folder that contains `supabase/`. */
  readonly project: string;
}

/** Applies what the database lacks. A dry run lists it, and lets the preflight look at the database. */
export async function migrate(
  cli: SupabaseCli,
  { schema, preflight }: Installation,
  databaseUrl: string,
  dryRun: boolean,
): Promise<PushOutcome> {
  const pushed = await pushMigrations({ ...cli, databaseUrl, schema, dryRun });
  if (!dryRun || !pushed.success || pushed.output.endsWith("is up to date.")) return pushed;
  const { refusal } = await askAhead(databaseUrl, preflight);
  return refusal === undefined ? pushed : { success: false, output: refusal };
}

/** Uploads the functions. Its output never has the token. */
export async function deployFunctions(
  { file, home, project }: SupabaseCli,
  { ref, accessToken, apiUrl, rehearsal }: ProjectAccess,
  names: readonly string[],
): Promise<{ success: boolean; output: string }> {
  await Deno.mkdir(home, { recursive: true });
  const { success, stdout, stderr } = await new Deno.Command(file, {
    args: [
      ...["functions", "deploy", ...names, "--use-api", `--remote=${ref}`, "--yes", "--agent=no"],
      ...(rehearsal ? [`--profile=${await writeProfile(home, apiUrl)}`] : []),
    ],
    cwd: project,
    clearEnv: true,
    env: {
      ...buildSupabaseCliEnvironment(home),
      ...proxies(),
      SUPABASE_ACCESS_TOKEN: accessToken,
    },
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const output = `${decode(stdout)}${decode(stderr)}`.replaceAll(accessToken, "[token]");
  return { success, output };
}

function proxies(): Record<string, string> {
  const environment = Deno.env.toObject();
  return Object.fromEntries(
    Object.entries(environment).filter(([name]) => /^(https|no)_proxy$/i.test(name)),
  );
}

/** Tells the CLI where the double of the Management API is. */
async function writeProfile(home: string, url: string): Promise<string> {
  const path = join(home, "profile.yml");
  const lines = [
    "name: rehearsal",
    `api_url: ${url}`,
    `dashboard_url: ${url}`,
    `docs_url: ${url}`,
    "project_host: 127.0.0.1",
  ];
  await Deno.writeTextFile(path, lines.join("\n"));
  return path;
}
