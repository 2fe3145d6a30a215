import { join } from "node:path";
import { type Deployment, rehearseDeployment } from "../support/deploy/deployment.ts";
import { copyProject } from "./project_copy.ts";

/** Rehearses the deployment of this checkout's functions, as in docs/by-hand.md. */
export async function rehearseOwnDeployment(): Promise<Deployment> {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-project-" });
  try {
    const project = join(directory, "project");
    await copyProject(project);
    return await rehearseDeployment(project, ["users-sync", "users-me", "clerk-webhook"]);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}
