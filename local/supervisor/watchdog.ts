import { fileURLToPath } from "node:url";

/** How a process is ended when the supervisor is gone. */
export type Emergency = "postgres" | "process";

/** A small process that outlives the supervisor for just as long as it takes to end its children. */
export type Watchdog = {
  readonly pid: number;
  watch(pid: number, emergency: Emergency): void;
  forget(pid: number): void;
  /** Ends the watchdog itself; nothing may be left to watch. */
  dismiss(): Promise<void>;
};

/**
 * Starts a watchdog. It holds the other end of a pipe that the kernel closes however the supervisor
 * ends, SIGKILL included.
 */
export function startWatchdog(lockFile: string): Watchdog {
  const child = new Deno.Command("/bin/sh", {
    args: [fileURLToPath(new URL("watchdog.sh", import.meta.url)), lockFile],
    stdin: "piped",
    stdout: "null",
    stderr: "null",
    // A session of its own: neither Ctrl-C nor a signal to the supervisor's group reaches it.
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
