import { fail, succeed } from "../hosted/outcome.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

/** The functions are on the platform as they are here. It cannot be asked whether they are already. */
export function functionsStep({ functions, deployFunctions }: Deployment): Step {
  const names = functions.join(", ");
  return {
    name: "functions",
    check: () => Promise.resolve(succeed({ done: false, todo: `deploys ${names}` })),
    async apply() {
      const { success, output } = await deployFunctions();
      if (success) return succeed(names);
      const said = output.trim().split("\n").slice(-3).join(" ");
      return fail(
        `The Supabase CLI could not deploy them: ${said.replace(/\.$/, "")}`,
        "Mend what it says, and run it again",
      );
    },
  };
}
