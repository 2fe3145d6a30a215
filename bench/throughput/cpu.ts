/** Of /proc: a hundredth of a second on every Linux. */
const tick = 10;

interface Used {
  readonly parent: number;
  /** Milliseconds. */
  readonly time: number;
}

/**
 * The CPU time, in milliseconds, that all processes below this one have used: functions, nginx, PostgREST
 * and PostgreSQL. It hardly depends on what else the machine does. NaN where there is no /proc.
 */
export async function usedCpu(): Promise<number> {
  const used = new Map<number, Used>();
  try {
    for await (const { name } of Deno.readDir("/proc")) {
      if (/^\d+$/.test(name)) used.set(Number(name), await read(name));
    }
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return NaN;
    throw error;
  }
  const isBelow = (pid: number): boolean => {
    const parent = used.get(pid)?.parent;
    return parent !== undefined && (parent === Deno.pid || isBelow(parent));
  };
  return [...used].reduce((sum, [pid, { time }]) => isBelow(pid) ? sum + time : sum, 0);
}

/** A process that has ended meanwhile has used nothing. */
async function read(pid: string): Promise<Used> {
  const text = await Deno.readTextFile(`/proc/${pid}/stat`).catch(() => "");
  // The name before may have any character in it.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ").map(Number);
  return { parent: fields[1] ?? 0, time: ((fields[11] ?? 0) + (fields[12] ?? 0)) * tick };
}
