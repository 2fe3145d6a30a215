import { join } from "node:path";
import { binariesDirectory } from "../../local/binaries/directory.ts";
import { locateSupabaseCli } from "../../local/binaries/locate.ts";
import { checkout, readEnvironment } from "../../local/options.ts";
import type { Printer } from "../../local/printer.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import { examine } from "../doctor/examine.ts";
import { readInstallation as readWholeInstallation } from "../doctor/installation.ts";
import { readInstallation, readProjectRef } from "../hosted/installation.ts";
import { readClerkAccess, readVariables } from "../hosted/settings.ts";
import { valueOf } from "../hosted/stop.ts";
import { readProjectAccess } from "../hosted/supabase.ts";
import { createDeployment, type Deployment } from "./deployment.ts";
import { deployBundles, deploySources, migrate } from "./supabase_cli.ts";

/** What a command on a hosted project is given. */
export interface ProjectOptions {
  /** Folder that contains `supabase/`. */
  readonly project: string;
  /** The process' variables. */
  readonly environment: Environment;
  readonly projectRef: string | undefined;
  readonly printer: Printer;
  /** Milliseconds that a hosted service may take for an answer. */
  readonly timeLimit?: number;
  /** In place of the Supabase CLI. */
  readonly cli?: Pick<Deployment, "migrations" | "deployFunctions">;
  /** In place of doctor. */
  readonly examine?: Deployment["examine"];
}

/** @throws Error with what to do if there is nothing to begin with */
export async function openDeployment(options: ProjectOptions): Promise<Deployment> {
  const { project, printer } = options;
  const environment = await readVariables(project, options.environment);
  const { directory, schema } = readEnvironment();
  const limit = options.timeLimit === undefined ? {} : { timeLimit: options.timeLimit };
  const installation = valueOf(await readInstallation(project, schema));
  const ref = valueOf(await readProjectRef(project, options.projectRef));
  const access = { ...valueOf(readProjectAccess(environment, ref)), ...limit };
  const clerkAccess = { ...valueOf(readClerkAccess(environment)), ...limit };
  const cli = async () => ({
    file: await locateSupabaseCli({
      directory: await binariesDirectory(checkout, directory),
      print: (line) => printer.line(line),
    }),
    home: join(directory, "supabase_cli"),
    project,
  });

  const { functions, prefix, schema: placed } = installation;
  return createDeployment({
    environment,
    access,
    clerkAccess,
    prefix,
    schema: placed,
    functions,
    migrations: async (databaseUrl, dryRun) =>
      await migrate(await cli(), installation, databaseUrl, dryRun),
    deployFunctions: async (sources) =>
      await (sources ? deploySources : deployBundles)(await cli(), access, functions),
    examine: options.examine ?? (async (variables) =>
      await examine({
        environment: variables,
        installation: await readWholeInstallation(project),
      })),
    ...options.cli,
  });
}
