/**
 * The versions of an application's migrations. The Supabase CLI takes files whose name begins with
 * digits and an underscore, compares these versions as strings, and refuses a file that is older than
 * the last one that a database has.
 */

/** A migration's version, if the Supabase CLI takes the file at all. */
export function versionOf(fileName: string): string | undefined {
  return fileName.match(/^(\d+)_.*\.sql$/)?.[1];
}

/**
 * The next versions, each later than all that exist.
 *
 * An application with times of 14 digits gets times, up to now or after its youngest. Its dates of 8
 * digits are days, of which there are too few, so that it gets times as well. Any other series, such
 * as drizzle's 0007, is continued in its own form, for its next file must be later than ours.
 *
 * @param existing versions of local files and of the database
 * @throws Error if the series has no room
 */
export function nextVersions(existing: readonly string[], count: number, now: Date): string[] {
  const youngest = youngestOf(existing);
  if (continuesNumbers(existing)) return countOn(youngest, count);
  const time = parseTime(youngest);
  // The last of them is now: the application's next migration must not find them in the future.
  const start = Math.max(
    now.getTime() - (count - 1) * 1_000,
    time === undefined ? 0 : time + 1_000,
  );
  return Array.from({ length: count }, (_, index) => formatTime(start + index * 1_000));
}

/** Whether the series goes on by counting, because its youngest version is no time. */
export function continuesNumbers(existing: readonly string[]): boolean {
  const youngest = youngestOf(existing);
  return youngest !== "" && parseTime(youngest) === undefined;
}

/** The last version. Those that are not of digits do not count: a database may have one, but no file. */
export function youngestOf(versions: readonly string[]): string {
  return versions.filter((version) => /^\d+$/.test(version))
    .reduce((one, other) => one > other ? one : other, "");
}

/** The last moment that the version may mean. Undefined if it is no time. */
function parseTime(version: string): number | undefined {
  const parts = version.match(/^(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d))?$/);
  if (!parts) return undefined;
  const [year = 0, month = 0, day = 0, hour = 23, minute = 59, second = 59] = parts.slice(1)
    .map((part) => part === undefined ? undefined : Number(part));
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  // In the last year of four digits, the next second may have no form.
  const isTime = year >= 2000 && year < 9999 && formatTime(time).startsWith(version);
  return isTime ? time : undefined;
}

function formatTime(time: number): string {
  return new Date(time).toISOString().replace(/\D/g, "").slice(0, 14);
}

function countOn(youngest: string, count: number): string[] {
  const width = youngest.length;
  const versions = Array.from(
    { length: count },
    (_, index) => String(BigInt(youngest) + BigInt(index + 1)).padStart(width, "0"),
  );
  if (versions.some((version) => version.length > width)) {
    throw new Error(
      `The series of migrations ends with ${youngest}: ${count} more have no room in ${width} digits. ` +
        "Add a migration of your own with a longer version, and try again",
    );
  }
  return versions;
}
