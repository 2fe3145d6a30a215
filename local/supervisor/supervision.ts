import { join } from "node:path";
import { acquireLock } from "./lock.ts";
import { type Log, openLog } from "./log.ts";
import type { PartSurroundings } from "./part.ts";
import { startWatchdog } from "./watchdog.ts";

/** Something that runs from `start()` to `stop()`. */
export type Startable = { start(): Promise<void>; stop(): Promise<void> };

export type SupervisionOptions = {
  /** The stack's folder. */
  directory: string;
  print(line: string): void;
  echo(part: string, line: string): void;
  /** Stops everything. */
  signal?: AbortSignal;
};

/** Holds a stack's lock, watchdog and logs, and stops its parts. */
export type Supervision = {
  /** Opens the log of the part of that name, and returns what the part needs. */
  surroundings(name: string): PartSurroundings;
  /** Starts something that `stop()` will stop. */
  begin<Kind extends Startable>(startable: Kind): Promise<Kind>;
  /** Resolves when a part that the stack needs stays down. */
  readonly failed: Promise<Error>;
  /** Stops everything that was started, the last first, and releases the folder. */
  stop(): Promise<void>;
};

/**
 * Takes over a stack folder.
 *
 * @throws Error if another stack has it.
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
  // Everything taken below is released in reverse order, even if this fails half-way.
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
