import { join } from "node:path";
import { pushMigrations, type PushOutcome } from "../../local/migrations/push.ts";
import { isUpToDate } from "../../local/migrations/up_to_date.ts";
import { buildSupabaseCliEnvironment } from "../../local/supabase_cli.ts";
import { writeBundledProject } from "../bundle/project.ts";
import type { Installation } from "../hosted/installation.ts";
import { fail, type Outcome, succeed } from "../hosted/outcome.ts";
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
  if (await isUpToDate(databaseUrl, cli.project, schema)) {
    return { success: true, output: "", upToDate: true };
  }
  const pushed = await pushMigrations({ ...cli, databaseUrl, schema, dryRun });
  if (!dryRun || !pushed.success || pushed.upToDate) return pushed;
  const { refusal } = await askAhead(databaseUrl, preflight);
  return refusal === undefined ? pushed : { success: false, output: refusal };
}

/** Uploads each function as one file. The files are made in a folder of their own, which is removed. */
export async function deployBundles(
  cli: SupabaseCli,
  access: ProjectAccess,
  names: readonly string[],
): Promise<Outcome<string>> {
  const folder = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-" });
  try {
    const bundled = await writeBundles(cli.project, names, folder);
    return bundled.ok
      ? await deploySources({ ...cli, project: folder }, access, bundled.value)
      : bundled;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function writeBundles(
  project: string,
  names: readonly string[],
  folder: string,
): Promise<Outcome<string[]>> {
  try {
    return succeed((await writeBundledProject(project, names, folder)).map(({ name }) => name));
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return fail(
      `The functions could not be bundled: ${inOneLine(error.message)}`,
      "Mend what it says, and run it again. Or add --sources, which uploads the files as they are",
    );
  }
}

/** Uploads the functions' files as they are in the project. */
export async function deploySources(
  { file, home, project }: SupabaseCli,
  { ref, accessToken, apiUrl, rehearsal }: ProjectAccess,
  names: readonly string[],
): Promise<Outcome<string>> {
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
  if (success) return succeed(names.join(", "));
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const output = `${decode(stdout)}${decode(stderr)}`.replaceAll(accessToken, "[token]");
  return fail(
    `The Supabase CLI could not deploy them: ${inOneLine(output)}`,
    "Mend what it says, and run it again",
  );
}

/** The end of what a tool has said, as a sentence without its full stop. */
function inOneLine(output: string): string {
  return output.trim().split("\n").slice(-3).join(" ").replace(/\.$/, "");
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
