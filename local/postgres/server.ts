import { join } from "node:path";
import { tellsOfFullDisk } from "../failure.ts";
import type { PartSpecification } from "../supervisor/part.ts";
import type { Account } from "../supervisor/process.ts";
import { runAs } from "./account.ts";
import type { ServerLocation } from "./location.ts";

/** Specifies how a PostgreSQL server starts and ends. */
export function specifyServer(
  { account, installation, data }: ServerLocation,
  port: number,
  settings: Record<string, string>,
): PartSpecification {
  const options: Record<string, string> = {
    "listen_addresses": "127.0.0.1",
    // No socket: its path may have only about 100 characters, and a deep checkout exceeds that.
    "unix_socket_directories": "",
    "port": String(port),
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_messages": "warning",
    // As on the platform, for Realtime and replication.
    "wal_level": "logical",
    "max_connections": "100",
    "shared_buffers": "128MB",
    ...settings,
  };
  return {
    name: "PostgreSQL",
    launch: async () => {
      await clearPidFile(account, data);
      return {
        file: join(installation, "bin", "postgres"),
        args: [
          "-D",
          data,
          ...Object.entries(options).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
        ],
        environment: { TZ: "UTC" },
        directory: "/",
        account,
      };
    },
    answers: async (log, signal) => {
      await log.next(/database system is ready to accept connections/, signal);
    },
    // Fast shutdown, then immediate.
    endings: [{ signal: "SIGINT", patience: 8000 }, { signal: "SIGQUIT", patience: 3000 }],
    emergency: "postgres",
    hopeless: "fail",
    explain: (tail) => {
      if (tail.some(tellsOfFullDisk)) return undefined;
      const [, reason] = tail.map((line) => /(?:FATAL|PANIC): +(.*)/.exec(line))
        .find((match) => match !== null) ?? [];
      if (reason === undefined) return undefined;
      return `The database in ${data} does not start (${reason}). If its files are damaged, ` +
        "start over with: deno task start --fresh";
    },
    // A killed server's children take a moment to notice and end.
    passing: (tail) => tail.some((line) => /shared memory block .* is still in use/.test(line)),
  };
}

/**
 * Removes the pid file of a killed server. Its process id may be another program's by now, and
 * PostgreSQL would then refuse to start. The stack's lock and watchdog ensure that no server of this
 * folder still runs. If one did, its shared memory would stop the second.
 */
async function clearPidFile(account: Account | undefined, data: string) {
  await runAs(account, 'rm -f "$1/postmaster.pid"', [data]);
}
