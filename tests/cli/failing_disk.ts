/** The operations that change files and folders, as the product calls them. */
const operations: readonly string[] = [
  "mkdirSync",
  "copyFileSync",
  "writeTextFileSync",
  "renameSync",
  "removeSync",
];

type Operation = (...args: unknown[]) => unknown;

/** What happens at an operation; counted from 0. Undefined: it is carried out. */
export type Trouble = (operation: number) => "fails" | "killed" | undefined;

/**
 * Runs something while the disk makes trouble. An operation that fails has written half of its text,
 * as a full disk does. After a kill, no operation changes anything any more, as with `kill -9`.
 *
 * @returns how many operations were tried, and what was thrown
 */
export function withTrouble(
  trouble: Trouble,
  run: () => void,
): { operations: number; thrown: unknown } {
  const real = new Map<string, Operation>();
  let count = 0;
  let dead = false;
  let thrown: unknown;
  for (const name of operations) {
    const operation: Operation = Reflect.get(Deno, name);
    real.set(name, operation);
    Reflect.set(Deno, name, (...args: unknown[]) => {
      const kind = dead ? "killed" : trouble(count++);
      if (kind === undefined) return operation(...args);
      const [path, text] = args;
      if (!dead && name === "writeTextFileSync" && typeof text === "string") {
        operation(path, text.slice(0, text.length / 2));
      }
      dead = kind === "killed";
      throw new Error(dead ? "Killed" : "No space left on device (os error 28)");
    });
  }
  try {
    run();
  } catch (error) {
    thrown = error;
  } finally {
    for (const [name, operation] of real) Reflect.set(Deno, name, operation);
  }
  return { operations: count, thrown };
}
