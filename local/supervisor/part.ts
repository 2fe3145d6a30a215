import { backOff, countDeaths, describeFailure, type Hopeless, judge } from "./deaths.ts";
import type { Log } from "./log.ts";
import {
  describeExit,
  type Ending,
  type Exit,
  type Launch,
  type RunningProcess,
  startProcess,
} from "./process.ts";
import type { Emergency, Watchdog } from "./watchdog.ts";

/**
 * `broken`: the part did not start. `down`: it was taken down. Either way only `restart()` starts it
 * again. `asleep`: nobody has asked for it since the start or a restart, and `ready()` starts it.
 */
export type PartState = "starting" | "ready" | "broken" | "down" | "asleep" | "stopped";

/** A part of the stack, in a process of its own that is kept running until `stop()`. */
export type Part = {
  readonly name: string;
  /** Undefined while no process runs. */
  readonly pid: number | undefined;
  readonly state: PartState;
  readonly log: Log;
  /** Resolves when it answers, or sleeps. Rejects if it does not start. */
  start(): Promise<void>;
  /** Resolves as soon as it answers, and wakes it if it sleeps. Rejects if it is broken, stopped or late. */
  ready(milliseconds?: number): Promise<void>;
  /** Sends a signal to the process. After a deadly one, the process is started again. */
  kill(signal?: Deno.Signal): void;
  /** Ends the process, starts it again and waits until it answers; on demand, it sleeps instead. */
  restart(): Promise<void>;
  /** Ends the process, and keeps it down until `restart()`. */
  takeDown(): Promise<void>;
  stop(): Promise<void>;
};

/** How a part starts, shows that it is ready, and ends. */
export type PartSpecification = {
  name: string;
  /** Called before every start, so that a restart may choose another port or environment. */
  launch(): Promise<Launch>;
  /** Resolves when the process answers. Aborted if the process ends or is late. */
  answers(log: Log, signal: AbortSignal): Promise<void>;
  endings: Ending[];
  emergency: Emergency;
  hopeless: Hopeless;
  /** Whether it sleeps until `ready()` is called, after the start and after each restart. */
  onDemand?: boolean;
  /** Whether the output of a failed start says that the next one may work. */
  passing?(tail: string[]): boolean;
  /** Says for people why a start failed. If undefined, people see the end of the log. */
  explain?(tail: string[]): string | undefined;
};

/** What a part needs from the stack around it. */
export type PartSurroundings = {
  log: Log;
  watchdog: Watchdog;
  print(line: string): void;
  /** Called when a part that the stack needs stays down. */
  fail(error: Error): void;
};

const startLimit = 30_000;
const tailLength = 30;
const deadly = new Set<Deno.Signal>(["SIGKILL", "SIGTERM", "SIGINT", "SIGQUIT", "SIGABRT"]);

/** Creates a part. Nothing runs before `start()`. */
export function createPart(specification: PartSpecification, surroundings: PartSurroundings): Part {
  const { name, hopeless, endings, onDemand = false } = specification;
  const { log, watchdog, print, fail } = surroundings;
  const observers = new Set<() => void>();
  let state: PartState = "stopped";
  let running: RunningProcess | undefined;
  let finished: Promise<void> = Promise.resolve();
  let stopping = false;
  /** Set if the next end of the process was asked for and does not count as a death. */
  let ordered: "kill" | "restart" | "take down" | undefined;
  let answered = false;
  let wake = Promise.withResolvers<void>();

  function become(next: PartState) {
    state = next;
    for (const observer of [...observers]) observer();
  }

  async function bringUp(): Promise<Exit | undefined> {
    log.mark();
    const launch = await specification.launch();
    ordered = undefined;
    const current = startProcess(launch, { log, watchdog, emergency: specification.emergency });
    running = current;
    if (stopping) current.signal("SIGKILL");
    const attempt = new AbortController();
    const limit = setTimeout(() => current.signal("SIGKILL"), startLimit);
    const exit = await Promise.race([
      specification.answers(log, attempt.signal).then(() => undefined),
      current.exited,
    ]).finally(() => {
      clearTimeout(limit);
      attempt.abort();
    });
    if (exit !== undefined) running = undefined;
    return exit;
  }

  async function run(first: PromiseWithResolvers<void>) {
    const deaths = countDeaths();
    let asleep = onDemand;
    while (!stopping) {
      if (asleep) {
        asleep = false;
        const woken = wake.promise;
        become("asleep");
        first.resolve();
        await woken;
        continue;
      }
      become("starting");
      const failure = await bringUp();
      if (failure === undefined && running !== undefined) {
        if (!stopping) become("ready");
        answered = true;
        first.resolve();
      }
      const exit = failure ?? await running?.exited ?? { code: 0, signal: null };
      running = undefined;
      if (stopping) break;
      if (ordered === "take down") {
        become("down");
        await wake.promise;
        asleep = onDemand;
        continue;
      }
      if (ordered !== undefined) {
        if (ordered === "kill") print(`${name} exited (${describeExit(exit)}), restarting`);
        else asleep = onDemand;
        continue;
      }
      if (failure !== undefined && specification.passing?.(log.tail(10))) {
        await Promise.race([delay(250), wake.promise]);
        continue;
      }
      const recent = deaths.add();
      const atStart = failure !== undefined;
      const verdict = judge({ hopeless, atStart, answered, recent, exit });
      if (verdict === "again") {
        print(`${name} exited (${describeExit(exit)}), restarting`);
        become("starting");
        await Promise.race([delay(backOff(recent)), wake.promise]);
        continue;
      }
      const explained = atStart ? specification.explain?.(log.tail(tailLength)) : undefined;
      const error = new Error(explained ?? describeFailure(name, exit, atStart, log));
      become("broken");
      if (verdict === "fail") {
        if (answered) fail(error);
        first.reject(error);
        return;
      }
      print(error.message);
      first.resolve();
      await wake.promise;
      asleep = onDemand;
    }
    become("stopped");
    first.reject(new Error(`${name} was stopped`));
  }

  function nudge() {
    wake.resolve();
    wake = Promise.withResolvers<void>();
  }

  async function ready(milliseconds = startLimit): Promise<void> {
    if (state === "ready") return;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const observe = () => {
      if (state === "ready") resolve();
      if (state === "asleep") {
        become("starting");
        nudge();
      }
      if (["broken", "down", "stopped"].includes(state)) reject(new Error(`${name} is ${state}`));
    };
    const timer = setTimeout(
      () => reject(new Error(`${name} is not ready after ${milliseconds} ms`)),
      milliseconds,
    );
    observers.add(observe);
    observe();
    await promise.finally(() => {
      clearTimeout(timer);
      observers.delete(observe);
    });
  }

  return {
    name,
    log,
    get pid() {
      return running?.pid;
    },
    get state() {
      return state;
    },
    start: async () => {
      if (stopping) throw new Error(`${name} was stopped`);
      const first = Promise.withResolvers<void>();
      finished = run(first).catch((error) => {
        become("broken");
        if (answered) fail(error);
        first.reject(error);
      });
      await first.promise;
    },
    ready,
    kill: (signal = "SIGKILL") => {
      if (running === undefined) return;
      if (deadly.has(signal)) {
        ordered = "kill";
        become("starting");
      }
      running.signal(signal);
    },
    restart: async () => {
      if (state === "asleep") return;
      ordered = "restart";
      become("starting");
      nudge();
      await running?.end(endings);
      if (!onDemand) await ready();
    },
    takeDown: async () => {
      if (state === "down") return;
      ordered = "take down";
      become("starting");
      await running?.end(endings);
    },
    stop: async () => {
      stopping = true;
      nudge();
      await running?.end(endings);
      await finished;
    },
  };
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
