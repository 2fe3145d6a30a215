import { readEnvironment, type StackOptions } from "../../../local/options.ts";
import { type RunningStack, startStack } from "../../../local/stack.ts";
import { describeScan, isClean, scanFunctionLogs } from "../leaks/log_scan.ts";
import { untilInterrupted } from "../until_interrupted.ts";
import { freePortBase } from "./free_port_base.ts";
import { automaticGrants, useStack } from "./running_stack.ts";
import { type DatabaseChoice, makeUsedFolder } from "./used_folder.ts";

/** A stack of the test's own, which may be made to fail. */
export interface OwnStack {
  readonly stack: RunningStack;
  /** Runs while a function has these variables; null removes one. It restarts at its first request. */
  withEnvironment(
    functionName: string,
    variables: Readonly<Record<string, string | null>>,
    run: () => Promise<void>,
  ): Promise<void>;
  stop(): Promise<void>;
}

type OwnStackOptions = Omit<StackOptions, "directory" | "databaseLocale" | keyof DatabaseChoice>;

/** Starts a stack and makes this process use it. */
export async function startOwnStack(options: OwnStackOptions = {}): Promise<OwnStack> {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-own-" });
  const { functionsDeno, functionsBundles, postgresMajor } = readEnvironment();
  // Another project may have other migrations and another Clerk instance; another schema has other tables.
  const isUsual = options.project === undefined && options.schema === undefined;
  if (isUsual) await makeUsedFolder(directory, { automaticGrants, postgresMajor });
  const overrides: Record<string, string | null> = {};
  const stack = await startStack({
    directory,
    portBase: freePortBase(),
    functionEnvironment: overrides,
    // A test that watches or ends a function's process waits for ready(), or asks for an early start.
    functionsOnDemand: true,
    webhookRetrySchedule: [100, 200, 400, 800, 1600],
    ...(functionsDeno === undefined ? {} : { functionsDeno }),
    automaticGrants,
    ...(functionsBundles === undefined ? {} : { functionsBundles }),
    postgresMajor,
    ...options,
    // A test that needs what a crash of the machine would leave asks for it.
    databaseSettings: { fsync: "off", ...options.databaseSettings },
  });
  const used = useStack(stack.values);

  async function change(functionName: string, variables: Readonly<Record<string, string | null>>) {
    for (const name of Object.keys(overrides)) delete overrides[name];
    Object.assign(overrides, variables);
    const part = stack.functions.get(functionName);
    if (!part) throw new Error(`There is no function ${functionName}`);
    await part.restart();
  }

  return {
    stack,
    async withEnvironment(functionName, variables, run) {
      await change(functionName, variables);
      try {
        await run();
      } finally {
        await change(functionName, {});
      }
    },
    async stop() {
      used[Symbol.dispose]();
      const asleep = [...stack.functions.values()].every(({ state }) => state === "asleep");
      await stack.stop();
      const scan = await scanFunctionLogs(directory, stack.values);
      await Deno.remove(directory, { recursive: true });
      // Functions that nobody has called have logged nothing.
      if (asleep && scan.lines === 0) return;
      if (!isClean(scan)) throw new Error(describeScan(scan));
    },
  };
}

/** Runs with a stack of its own until the work is done or interrupted, and stops the stack. */
export async function withOwnStack<Value>(
  options: OwnStackOptions,
  run: (own: OwnStack) => Promise<Value>,
): Promise<Value> {
  const own = await startOwnStack(options);
  try {
    return await untilInterrupted(() => run(own));
  } finally {
    await own.stop();
  }
}
