import { fail, succeed } from "../hosted/outcome.ts";
import type { Deployment } from "./deployment.ts";
import { lookOnly, type Step } from "./step.ts";

/** The project is there, and runs. */
export function projectStep({ project, access }: Deployment): Step {
  return lookOnly("Supabase project", async () => {
    const found = await project();
    if (!found.ok) return found;
    const { region, status } = found.value;
    if (status !== "ACTIVE_HEALTHY") {
      return fail(
        `The project ${access.ref} is ${status}`,
        `Open https://supabase.com/dashboard/project/${access.ref}, bring it back, and run it again`,
      );
    }
    return succeed(`${access.ref} in ${region}`);
  });
}
