import { join } from "node:path";
import { acquireLock } from "./lock.ts";
import { type Log, openLog } from "./log.ts";
import type { PartSurroundings } from "./part.ts";
import { startWatchdog } from "./watchdog.ts";

/** Something that runs from `start()` to `stop()`. */
export type Startable = { start(): Promise<void>; stop(): Promise<void> };

/** Who hears of what, and what gives up a start. */
export type SupervisionOptions = {
  /** The stack's folder. */
  directory: string;
  print(line: string): void;
  echo(part: string, line: string): void;
  signal?: AbortSignal;
};

/** The care for all parts of one stack: its lock, its watchdog, its logs, and their end. */
export type Supervision = {
  /** What the part of that name runs with; opens its log. */
  surroundings(name: string): PartSurroundings;
  /** Starts something and remembers to stop it. */
  begin<Kind extends Startable>(startable: Kind): Promise<Kind>;
  /** Resolves when a part that the stack cannot do without stays down. */
  readonly failed: Promise<Error>;
  /** Stops everything begun, the last first, and gives up the folder. */
  stop(): Promise<void>;
};

/**
 * Takes over a stack folder.
 *
 * @throws Error where another stack has it.
 */
export async function supervise(
  { directory, print, echo, signal }: SupervisionOptions,
): Promise<Supervision> {
  const logDirectory = join(directory, "logs");
  await Deno.mkdir(logDirectory, { recursive: true, mode: 0o700 }).catch((error) => {
    const [reason] = error.message.split(":");
    throw new Error(
      `${directory} cannot be used (${reason}). Choose another folder with LOCAL_DIR`,
    );
  });
  // What is taken below is given back in reverse, also where this fails half-way.
  await using taken = new AsyncDisposableStack();
  const lock = await acquireLock(directory);
  if ("heldBy" in lock) {
    throw new Error(
      `A stack already runs in ${directory} (process ${lock.heldBy}). Stop it with: deno task stop`,
    );
  }
  taken.defer(() => lock.release());
  if (lock.afterCrash) print("The previous stack was killed; its data is kept");
  const watchdog = startWatchdog(lock.path);
  taken.defer(() => watchdog.dismiss());
  await lock.record(watchdog.pid);

  const failed = Promise.withResolvers<Error>();
  const logs: Log[] = [];
  taken.defer(() => logs.forEach((log) => log.close()));
  const held = taken.move();
  let stopping: Promise<void> | undefined;
  const stop = () => stopping ??= held.disposeAsync();
  signal?.addEventListener("abort", () => void stop().catch(failed.resolve));

  return {
    surroundings: (name) => {
      const log = openLog(join(logDirectory, `${name}.log`), (line) => echo(name, line));
      logs.push(log);
      return { log, watchdog, print, fail: failed.resolve };
    },
    begin: async (startable) => {
      signal?.throwIfAborted();
      if (stopping !== undefined) throw new Error("The stack is stopping");
      held.defer(() => startable.stop());
      await startable.start();
      return startable;
    },
    failed: failed.promise,
    stop,
  };
}
