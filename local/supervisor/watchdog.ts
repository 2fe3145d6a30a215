import { fileURLToPath } from "node:url";

/** How to end a process when the supervisor is gone. */
export type Emergency = "postgres" | "process";

/** A small process that outlives the supervisor just long enough to end its children. */
export type Watchdog = {
  readonly pid: number;
  watch(pid: number, emergency: Emergency): void;
  forget(pid: number): void;
  /** Ends the watchdog itself. Call it only when nothing is left to watch. */
  dismiss(): Promise<void>;
};

/**
 * Starts a watchdog. It holds one end of a pipe. However the supervisor ends, even by SIGKILL, the
 * kernel closes the other end.
 */
export function startWatchdog(lockFile: string): Watchdog {
  const child = new Deno.Command("/bin/sh", {
    args: [fileURLToPath(new URL("watchdog.sh", import.meta.url)), lockFile],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    // A session of its own, so that neither Ctrl-C nor a signal to the supervisor's group reaches it.
    detached: true,
  }).spawn();
  const writer = child.stdin.getWriter();
  const encoder = new TextEncoder();
  const tell = (line: string) => writer.write(encoder.encode(`${line}\n`)).catch(() => {});
  return {
    pid: child.pid,
    watch: (pid, emergency) => void tell(`${emergency} ${pid}`),
    forget: (pid) => void tell(`gone ${pid}`),
    dismiss: async () => {
      await tell("done");
      await writer.close().catch(() => {});
      await child.status;
    },
  };
}
