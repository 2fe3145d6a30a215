/**
 * Refuses paths with a character that PostgreSQL passes to a shell unquoted.
 *
 * @throws Error that names the first such path and what to do.
 */
export function requireUsablePaths(...paths: string[]): void {
  for (const path of paths) {
    const [character] = /["$`\\]/.exec(path) ?? [];
    if (character === undefined) continue;
    throw new Error(
      `PostgreSQL cannot run in a path that contains ${character}: ${path}. ` +
        "Move the checkout, or choose another folder with LOCAL_DIR",
    );
  }
}
