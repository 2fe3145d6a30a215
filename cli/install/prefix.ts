/**
 * Reads `--prefix`, which goes in front of the functions' names.
 *
 * @throws Error if no function can be called so
 */
export function parsePrefix(text: string): string {
  const prefix = text.replace(/-$/, "");
  if (/^[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?$/.test(prefix)) return `${prefix}-`;
  throw new Error(
    "--prefix must begin with a letter and have small letters, digits and -, 32 at most",
  );
}
