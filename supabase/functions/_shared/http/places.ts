/**
 * Takes one of a limited number of places, waiting at most `patience` milliseconds. Resolves to a
 * function that gives the place back, or to undefined if none came free.
 */
export type TakePlace = (patience: number) => Promise<(() => void) | undefined>;

/** Creates `count` places. Callers get them in the order in which they came. */
export function createPlaces(count: number): TakePlace {
  const waiting = new Set<() => void>();
  let free = count;

  function giveBack(): void {
    const [next] = waiting;
    if (next) next();
    else free++;
  }

  function wait(patience: number): Promise<boolean> {
    return new Promise((resolve) => {
      const leave = (taken: boolean) => {
        clearTimeout(timer);
        waiting.delete(take);
        resolve(taken);
      };
      const take = () => leave(true);
      const timer = setTimeout(() => leave(false), patience);
      waiting.add(take);
    });
  }

  return async (patience) => {
    if (free === 0) return await wait(patience) ? giveBack : undefined;
    free--;
    return giveBack;
  };
}
