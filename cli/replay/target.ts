import { readEnvironment } from "../../local/options.ts";
import { readRunningValues } from "../../local/running_values.ts";
import type { Environment } from "../../supabase/functions/_shared/settings/variable.ts";
import type { WantedEndpoint } from "../hosted/endpoints.ts";
import { describeEndpoint, readInstallation, readProjectRef } from "../hosted/installation.ts";
import { type ClerkAccess, readClerkAccess, readVariables } from "../hosted/settings.ts";
import { valueOf } from "../hosted/stop.ts";
import { projectUrl } from "../hosted/supabase.ts";

/** Whose webhook it is. */
export interface Target {
  readonly clerkAccess: ClerkAccess;
  readonly wanted: WantedEndpoint;
}

/** The hosted project's webhook. */
export async function findHosted(
  project: string,
  own: Environment,
  projectRef: string | undefined,
): Promise<Target> {
  const environment = await readVariables(project, own);
  const { prefix } = valueOf(await readInstallation(project, readEnvironment().schema));
  const ref = valueOf(await readProjectRef(project, projectRef));
  const clerkAccess = valueOf(readClerkAccess(environment));
  const url = projectUrl(environment, ref, clerkAccess.svixUrl !== undefined);
  return {
    clerkAccess,
    // The region is in the query, which does not tell endpoints apart.
    wanted: describeEndpoint({ ref, url }, prefix, ""),
  };
}

/** The webhook of the stack that runs on this machine. */
export async function findLocal(): Promise<Target> {
  const values = await readRunningValues(readEnvironment().directory);
  return {
    clerkAccess: valueOf(readClerkAccess(values)),
    wanted: describeEndpoint({ ref: "local", url: values.API_URL }, "", ""),
  };
}
