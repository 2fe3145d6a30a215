import type { Log } from "./log.ts";
import type { Emergency, Watchdog } from "./watchdog.ts";

/** A user and group that a process runs as. */
export type Account = { uid: number; gid: number };

/** Everything needed to start a process. Its environment is exactly this one. */
export type Launch = {
  file: string;
  args: string[];
  environment: Record<string, string>;
  directory?: string;
  account?: Account;
};

/** How a process ended. */
export type Exit = { code: number; signal: Deno.Signal | null };

/** A signal to try and how long to wait for its effect, in ms. */
export type Ending = { signal: Deno.Signal; patience: number };

/** A process that runs, or ran. */
export type RunningProcess = {
  readonly pid: number;
  /** Resolves when the process has ended and its output is in the log. */
  readonly exited: Promise<Exit>;
  signal(signal: Deno.Signal): void;
  /** Ends the process: tries each signal in turn, then SIGKILL. */
  end(endings: Ending[]): Promise<Exit>;
};

/** Starts a process. Its output goes to the log, and the watchdog guarantees its end. */
export function startProcess(
  launch: Launch,
  { log, watchdog, emergency }: { log: Log; watchdog?: Watchdog; emergency: Emergency },
): RunningProcess {
  const child = new Deno.Command(launch.file, {
    args: launch.args,
    env: launch.environment,
    clearEnv: true,
    cwd: launch.directory,
    ...launch.account,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
    // Ctrl-C goes to the whole foreground group, but only the supervisor may get it.
    detached: true,
  }).spawn();
  watchdog?.watch(child.pid, emergency);

  let ended = false;
  const status = child.status.then(({ code, signal }) => {
    ended = true;
    watchdog?.forget(child.pid);
    return { code, signal };
  });
  const output = Promise.all([log.consume(child.stdout), log.consume(child.stderr)]);

  function signal(name: Deno.Signal) {
    if (ended) return;
    try {
      child.kill(name);
    } catch (error) {
      // The process ended a moment ago.
      if (!(error instanceof Deno.errors.NotFound) && !(error instanceof TypeError)) throw error;
    }
  }

  return {
    pid: child.pid,
    exited: status.then(async (exit) => {
      // A grandchild may hold the pipes open. Do not wait long for its output.
      await within(output, 1000);
      return exit;
    }),
    signal,
    end: async (endings) => {
      for (const { signal: name, patience } of endings) {
        signal(name);
        // Until it is woken, a frozen process reacts only to SIGKILL.
        signal("SIGCONT");
        const exit = await within(status, patience);
        if (exit !== undefined) return exit;
      }
      signal("SIGKILL");
      return await status;
    },
  };
}

/** Describes for people how a process ended. */
export function describeExit({ code, signal }: Exit): string {
  return signal ?? `code ${code}`;
}

async function within<Value>(
  promise: Promise<Value>,
  milliseconds: number,
): Promise<Value | undefined> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), milliseconds);
  });
  try {
    return await Promise.race([promise, timeout]);
  } finally {
    clearTimeout(timer);
  }
}
