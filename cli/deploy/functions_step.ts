import { succeed } from "../hosted/outcome.ts";
import type { Deployment } from "./deployment.ts";
import type { Step } from "./step.ts";

/**
 * The functions are on the platform as they are here. It cannot be asked whether they are already.
 *
 * @param sources whether their files go up as they are, in place of one file each
 */
export function functionsStep({ functions, deployFunctions }: Deployment, sources: boolean): Step {
  const form = sources ? "as sources" : "one file each";
  return {
    name: "functions",
    check: () =>
      Promise.resolve(succeed({ done: false, todo: `deploys ${functions.join(", ")}, ${form}` })),
    async apply() {
      const deployed = await deployFunctions(sources);
      return deployed.ok ? succeed(`${deployed.value}, ${form}`) : deployed;
    },
  };
}
