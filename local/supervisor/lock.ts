import { join } from "node:path";
import { z } from "zod";
import { ifPresent } from "../presence.ts";

/** The right to run the stack of a folder. Held until it is released or this process ends. */
export type StackLock = {
  readonly path: string;
  /** True if the previous stack ended without stopping its parts. */
  readonly afterCrash: boolean;
  /** Records the watchdog that would clean up after this process. */
  record(watchdogPid: number): Promise<void>;
  release(): Promise<void>;
};

const holderSchema = z.object({ pid: z.int(), watchdog: z.int().optional() });
type Holder = z.infer<typeof holderSchema>;

/**
 * Takes the lock of a stack folder, or says which process has it.
 *
 * It is a kernel lock on an open file and ends with its process, however that ends. So no lock is ever
 * stale, and a process id that now belongs to another program causes no confusion.
 */
export async function acquireLock(directory: string): Promise<StackLock | { heldBy: number }> {
  const path = lockPath(directory);
  using opened = new DisposableStack();
  const file = opened.use(await Deno.open(path, { read: true, write: true, create: true }));
  // A command that asks for the status holds it too, for an instant.
  for (let attempt = 0; !await file.tryLock(true); attempt++) {
    if (attempt < 10) {
      await delay(20);
      continue;
    }
    return { heldBy: (await readHolder(path))?.pid ?? 0 };
  }
  const before = await readHolder(path);
  if (before?.watchdog !== undefined) await awaitCleaning(path, before.watchdog);

  async function write(holder: Holder) {
    await file.truncate();
    await file.seek(0, Deno.SeekMode.Start);
    await file.write(new TextEncoder().encode(JSON.stringify(holder)));
  }
  await write({ pid: Deno.pid });
  // From here on, the lock's holder closes the file.
  opened.move();
  return {
    path,
    afterCrash: before !== undefined,
    record: (watchdogPid) => write({ pid: Deno.pid, watchdog: watchdogPid }),
    release: async () => {
      try {
        await file.truncate();
      } finally {
        file.close();
      }
    },
  };
}

/** The process that runs the stack of a folder, or undefined if none does. */
export async function findHolder(directory: string): Promise<number | undefined> {
  const path = lockPath(directory);
  const file = await ifPresent(Deno.open(path, { read: true }));
  if (file === undefined) return undefined;
  using held = file;
  if (await held.tryLock(false)) return undefined;
  return (await readHolder(path))?.pid;
}

function lockPath(directory: string): string {
  return join(directory, "lock");
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await Deno.readTextFile(path)));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
}

/** Waits until a killed stack's watchdog has ended that stack's processes. */
async function awaitCleaning(path: string, watchdog: number) {
  const deadline = Date.now() + 10_000;
  while (Date.now() < deadline && await isWatchdog(watchdog, path)) {
    if (await readHolder(path) === undefined) return;
    await delay(50);
  }
}

/** Whether a process is the watchdog of this lock. A copied folder names the original's watchdog. */
async function isWatchdog(pid: number, path: string): Promise<boolean> {
  const { stdout } = await new Deno.Command("/bin/sh", {
    args: ["-c", `tr '\\0' ' ' </proc/$1/cmdline || ps -o args= -p "$1"`, "sh", String(pid)],
    stderr: "null",
  }).output();
  return new TextDecoder().decode(stdout).includes(`watchdog.sh ${path}`);
}

function delay(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
