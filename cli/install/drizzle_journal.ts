import { z } from "zod";

/** Where drizzle-kit lists its migrations, in the project. It numbers the next one after the last entry. */
export const journalPath = "supabase/migrations/meta/_journal.json";

const form = z.looseObject({
  version: z.string(),
  entries: z.array(z.looseObject({ idx: z.number(), when: z.number(), tag: z.string() })),
});

/** Takes a journal as it is: what zod makes of an object has its keys in another order. */
const journal = z.custom<z.infer<typeof form>>((value) => form.safeParse(value).success);

/**
 * Lists migrations in drizzle's journal, so that drizzle-kit does not give their numbers to the next
 * one of the application's.
 *
 * @param tags the files' names without `.sql`
 * @returns the new text, or undefined if the journal has another form than drizzle writes
 */
export function addToJournal(text: string, tags: readonly string[], now: Date): string | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const last = parsed.entries.at(-1);
  const idx = last?.idx ?? -1;
  const when = Math.max(now.getTime(), (last?.when ?? 0) + 1);
  const added = tags.map((tag, index) => ({
    idx: idx + 1 + index,
    version: parsed.version,
    when: when + index,
    tag,
    breakpoints: true,
  }));
  return render({ ...parsed, entries: [...parsed.entries, ...added] }, text);
}

/** Takes entries out again. Undefined if the journal has another form than drizzle writes. */
export function removeFromJournal(text: string, tags: readonly string[]): string | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const entries = parsed.entries.filter(({ tag }) => !tags.includes(tag));
  return render({ ...parsed, entries }, text);
}

function parse(text: string): z.infer<typeof journal> | undefined {
  try {
    const parsed = journal.parse(JSON.parse(text));
    return render(parsed, text) === text ? parsed : undefined;
  } catch {
    return undefined;
  }
}

/** In the same form as before: indentation and line ends. */
function render(value: unknown, before: string): string {
  const indentation = before.match(/^\{\r?\n([ \t]+)/)?.[1] ?? "";
  const end = before.includes("\r\n") ? "\r\n" : "\n";
  const text = JSON.stringify(value, null, indentation).replaceAll("\n", end);
  return text + (before.match(/\s*$/)?.[0] ?? "");
}

/** A migration as drizzle's journal calls it. */
export function tagOf(path: string): string {
  return path.replace(/^.*\//, "").replace(/\.sql$/, "");
}
