import type { Part } from "../../local/supervisor/part.ts";
import { eventually } from "../support/eventually.ts";
import { descendants, listProcesses, type Process } from "../support/processes.ts";

/** Ends a fault. */
export type Restore = () => Promise<void>;

/** Kills a part again whenever it comes up. */
export async function keepDown(part: Part): Promise<Restore> {
  const children = await childrenOf(part);
  const kill = () => part.kill("SIGKILL");
  kill();
  const timer = setInterval(kill, 10);
  // PostgreSQL's child processes may outlive it for an instant and answer.
  for (const pid of children) signal(pid, "SIGKILL");
  return async () => {
    clearInterval(timer);
    await part.ready();
  };
}

/** Stops the processes of a part. Its connections stay open, but get no answer. */
export async function freeze(part: Part): Promise<Restore> {
  if (part.pid === undefined) throw new Error(`${part.name} does not run: wait for ready()`);
  const pids = [part.pid];
  const thaw = () => {
    for (const pid of pids) signal(pid, "SIGCONT");
    return Promise.resolve();
  };
  try {
    signal(part.pid, "SIGSTOP");
    // The part starts no more children now, but the existing ones still run.
    pids.push(...await childrenOf(part));
    for (const pid of pids) signal(pid, "SIGSTOP");
    await eventually("the part is frozen", async () => (await moving(pids)).length === 0);
  } catch (error) {
    await thaw();
    throw error;
  }
  return thaw;
}

/** The part's child processes. */
async function childrenOf({ pid }: Part): Promise<number[]> {
  return pid === undefined ? [] : (await descendants(pid)).map((child) => child.pid);
}

function signal(pid: number, name: Deno.Signal) {
  try {
    Deno.kill(pid, name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function moving(pids: readonly number[]): Promise<Process[]> {
  return (await listProcesses()).filter(({ pid, state }) =>
    pids.includes(pid) && !/^T/.test(state)
  );
}
