import { join } from "node:path";
import { buildSupabaseCliEnvironment } from "../../../local/supabase_cli.ts";
import { supabaseCli } from "./binaries.ts";
import { type ManagementApi, startManagementApi } from "./management_api.ts";
import { startExit } from "./network_exit.ts";

const ref = "abcdefghijklmnopqrst";
const accessToken = `sbp_${"0".repeat(40)}`;

/** What the Supabase CLI sent and printed. */
export interface Deployment extends Pick<ManagementApi, "uploads" | "activated" | "unknown"> {
  readonly output: string;
  /** Hosts beyond loopback that it tried to reach. */
  readonly hosts: readonly string[];
}

/**
 * Deploys functions of a project to a recorder on loopback with the real Supabase CLI. The CLI may
 * leave files in the project.
 */
export async function rehearseDeployment(
  project: string,
  names: readonly string[],
): Promise<Deployment> {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-deploy-" });
  await using api = startManagementApi({ ref, accessToken });
  await using exit = startExit();
  try {
    const home = join(directory, "home");
    await Deno.mkdir(home);
    const profile = join(directory, "profile.yml");
    await Deno.writeTextFile(profile, describeProfile(api.url));
    const { success, stdout, stderr } = await new Deno.Command(await supabaseCli(), {
      args: [
        ...["functions", "deploy", ...names, "--use-api"],
        `--remote=${ref}`,
        `--profile=${profile}`,
        "--yes",
        "--agent=no",
      ],
      cwd: project,
      clearEnv: true,
      env: {
        ...buildSupabaseCliEnvironment(home),
        SUPABASE_ACCESS_TOKEN: accessToken,
        HTTPS_PROXY: exit.url,
      },
      stdin: "null",
    }).output();
    const output = `${decode(stderr)}${decode(stdout)}`;
    if (!success) throw new Error(`The functions could not be deployed:\n${output}`);
    const { uploads, activated, unknown } = api;
    return { uploads, activated, unknown, output, hosts: exit.hosts };
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

function describeProfile(url: string): string {
  return [
    "name: rehearsal",
    `api_url: ${url}`,
    `dashboard_url: ${url}`,
    `docs_url: ${url}`,
    "project_host: 127.0.0.1",
  ].join("\n");
}

function decode(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
