/**
 * A request to end, by the user, the terminal or the system. `supervisor/supervision.ts` hears it and stops
 * the parts, each with the signals that its own file names: PostgreSQL's are in `postgres/server.ts`.
 */
export type Interrupt = {
  /** Aborted by the first request. */
  readonly signal: AbortSignal;
  /** Resolves with the reason. */
  readonly asked: Promise<string>;
};

// Milliseconds. One Ctrl-C arrives twice: from the terminal and from `deno task`.
const doubled = 1000;

/**
 * Listens for Ctrl-C, SIGTERM, SIGHUP and the death of `deno task`. A second request ends the process
 * at once, and the watchdog then ends the remaining parts.
 */
export function listenForInterrupt(): Interrupt {
  const controller = new AbortController();
  const { promise, resolve } = Promise.withResolvers<string>();
  let first = 0;
  const ask = (reason: string) => {
    if (controller.signal.aborted) {
      if (performance.now() - first > doubled) Deno.exit(1);
      return;
    }
    first = performance.now();
    controller.abort(new Error(`Interrupted (${reason})`));
    resolve(reason);
  };
  const signals: Deno.Signal[] = [
    "SIGINT",
    "SIGTERM",
    ...(ignoresHangUp() ? [] : ["SIGHUP" as const]),
  ];
  for (const name of signals) Deno.addSignalListener(name, () => ask(name));

  // `deno task` passes signals on, but nobody can pass on SIGKILL.
  const parent = Deno.ppid;
  if (Deno.env.has("INIT_CWD")) {
    const timer = setInterval(() => {
      if (Deno.ppid === parent) return;
      clearInterval(timer);
      ask("deno task is gone");
    }, 500);
    Deno.unrefTimer(timer);
  }
  return { signal: controller.signal, asked: promise };
}

/** True under nohup, which lets a process survive its terminal. */
function ignoresHangUp(): boolean {
  try {
    const mask = /^SigIgn:\s*(\w+)/m.exec(Deno.readTextFileSync("/proc/self/status"))?.[1] ?? "0";
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
