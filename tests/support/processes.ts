import { eventually } from "./eventually.ts";

/** A process on this machine. */
export interface Process {
  readonly pid: number;
  readonly parent: number;
  /** The state in `ps`: `T` if it is stopped. */
  readonly state: string;
  /** Resident memory, in KiB. */
  readonly memory: number;
  readonly command: string;
}

/** All running processes without zombies. */
export async function listProcesses(): Promise<Process[]> {
  const { stdout } = await new Deno.Command("ps", {
    args: ["-A", "-o", "pid=,ppid=,stat=,rss=,args="],
  }).output();
  return new TextDecoder().decode(stdout).trim().split("\n").flatMap((line) => {
    const [pid, parent, state = "", memory, ...words] = line.trim().split(/\s+/);
    if (state.startsWith("Z")) return [];
    return [{
      pid: Number(pid),
      parent: Number(parent),
      state,
      memory: Number(memory),
      command: words.join(" "),
    }];
  });
}

/** All descendants of a process. */
export async function descendants(pid: number): Promise<Process[]> {
  const all = await listProcesses();
  const below = (parent: number): Process[] =>
    all.filter((process) => process.parent === parent)
      .flatMap((process) => [process, ...below(process.pid)]);
  return below(pid);
}

/** Waits until none of the processes is left. */
export async function gone(processes: readonly Process[]): Promise<void> {
  const pids = new Set(processes.map(({ pid }) => pid));
  await eventually(
    "all processes have ended",
    async () => !(await listProcesses()).some(({ pid }) => pids.has(pid)),
  );
}

/** Waits until no process has the folder in its command, including processes that started unseen. */
export async function emptyOfProcesses(folder: string): Promise<void> {
  await eventually(
    `all processes of ${folder} have ended`,
    async () => !(await listProcesses()).some(({ command }) => command.includes(folder)),
  );
}
