/** Lets at most this many run at once. The others wait their turn. */
export function createGate(most: number): <T>(run: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (run) => {
    if (running === most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running++;
    try {
      return await run();
    } finally {
      // The next one waiting takes this one's place.
      const next = waiting.shift();
      if (next) next();
      else running--;
    }
  };
}

/** Runs functions with the same key one after the other. */
export function createQueues(): <T>(key: string, run: () => Promise<T>) => Promise<T> {
  const ends = new Map<string, Promise<unknown>>();
  return (key, run) => {
    const result = (ends.get(key) ?? Promise.resolve()).then(run);
    ends.set(key, result.catch(() => {}));
    return result;
  };
}
