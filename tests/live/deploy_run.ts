import assert from "node:assert/strict";
import { deploy, type DeployOptions } from "../../cli/deploy/run.ts";
import type { ProjectOptions } from "../../cli/deploy/open.ts";
import { rotate, type RotateOptions } from "../../cli/rotate/run.ts";
import { createPrinter } from "../../local/printer.ts";
import { canaries, type HostedProject, ref } from "./deploy_project.ts";

/** What a command in this process printed. */
export interface Printed {
  readonly ok: boolean;
  readonly output: string;
  readonly errors: string;
  /** The state of each step, by name. */
  readonly states: Readonly<Record<string, string>>;
}

/** A printer that keeps what it prints. */
export function capture() {
  const decode = (text: string[]) => ({
    writeSync(bytes: Uint8Array) {
      text.push(new TextDecoder().decode(bytes));
      return bytes.length;
    },
    isTerminal: () => false,
  });
  const [output, errors]: [string[], string[]] = [[], []];
  return {
    printer: createPrinter(decode(output), decode(errors)),
    output: () => output.join(""),
    errors: () => errors.join(""),
  };
}

const usual = {
  // Bundling takes a second or two: who asks about it switches it on.
  sources: true,
  webhookByHand: false,
  backfill: false,
  schedule: false,
  examine: () => Promise.resolve([]),
};

/**
 * For a deploy whose migrations and functions are not what a test looks at, or are there already: each
 * run of the Supabase CLI takes a second.
 */
export const withoutCli: Pick<DeployOptions, "cli"> = {
  cli: {
    migrations: () => Promise.resolve({ success: true, output: "", upToDate: true }),
    deployFunctions: () => Promise.resolve({ ok: true, value: "" }),
  },
};

/** Runs `deploy` on the project, without doctor unless it is asked for. No output may show a secret. */
export async function runDeploy(
  hosted: HostedProject,
  options: Partial<DeployOptions> = {},
): Promise<Printed> {
  return await runSteps(
    hosted,
    (common) => deploy({ ...common, ...usual, ...options }),
  );
}

/** Runs `rotate` on the project. No output may show a secret. */
export async function runRotate(
  hosted: HostedProject,
  options: Partial<RotateOptions> = {},
): Promise<Printed> {
  return await runSteps(hosted, (common) => rotate({ ...common, finish: false, ...options }));
}

async function runSteps(
  hosted: HostedProject,
  run: (common: ProjectOptions & { dryRun: boolean }) => Promise<boolean>,
): Promise<Printed> {
  const { printer, output, errors } = capture();
  const ok = await run({
    project: hosted.folder,
    environment: hosted.environment,
    projectRef: ref,
    dryRun: false,
    printer,
  });
  assertNoSecret(hosted, output() + errors());
  const lines = output().trim().split("\n").map((line) => line.split(/ {2,}/));
  const states = Object.fromEntries(lines.map(([name = "", state = ""]) => [name, state]));
  return { ok, output: output(), errors: errors(), states };
}

/** Asserts that nothing secret is in a text: tokens, keys, signing secrets, the database's password. */
export function assertNoSecret({ management, clerk, environment }: HostedProject, text: string) {
  const database = new URL(environment.DB_CONNECTION_STRING ?? "");
  const secrets = [
    ...Object.values(canaries),
    ...clerk.endpoint().secrets,
    ...management.secrets.values(),
    ...management.apiKeys.flatMap(({ type, api_key: key }) => type === "publishable" ? [] : key),
    `:${database.password}@`,
  ].filter((secret) => !secret.startsWith("ins_"));
  for (const secret of secrets) assert.ok(!text.includes(secret), `${text} has a secret`);
}
