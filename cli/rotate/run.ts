import { openDeployment, type ProjectOptions } from "../deploy/open.ts";
import { takeAll } from "../deploy/run.ts";
import { rotationSteps } from "./steps.ts";

export interface RotateOptions extends ProjectOptions {
  readonly dryRun: boolean;
  /** Drop the old secret. */
  readonly finish: boolean;
}

/** Rotates the webhook's secret. Returns whether all went well. */
export async function rotate(options: RotateOptions): Promise<boolean> {
  const deployment = await openDeployment(options);
  return await takeAll(rotationSteps(deployment, options), options);
}
