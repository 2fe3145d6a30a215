import type { Printer } from "../../local/printer.ts";
import { openDeployment, type ProjectOptions } from "./open.ts";
import { createReportPrinter } from "./print.ts";
import { type Step, takeSteps } from "./step.ts";
import { deploySteps, type StepChoices } from "./steps.ts";

export type DeployOptions = ProjectOptions & StepChoices;

/**
 * Takes the steps and prints what became of each.
 *
 * @returns whether all went well
 * @throws Error with what to do if there is nothing to begin with
 */
export async function deploy(options: DeployOptions): Promise<boolean> {
  const deployment = await openDeployment(options);
  return await takeAll(deploySteps(deployment, options), options);
}

/** Takes steps and prints them. Returns whether all went well. */
export async function takeAll(
  steps: readonly Step[],
  { dryRun, printer }: { readonly dryRun: boolean; readonly printer: Printer },
): Promise<boolean> {
  const tell = createReportPrinter(printer, steps);
  const reports = await takeSteps(steps, { dryRun, tell });
  return reports.every(({ state }) => state !== "failed" && state !== "not reached");
}
