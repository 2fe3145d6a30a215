import { withinTimeLimit } from "../_shared/time_limit.ts";

/** Milliseconds that the next read waits for the one under way before it begins beside it. */
const longestWait = 250;

export interface SharedReadsOptions<Subject, Outcome> {
  read(subject: Subject): Promise<Outcome>;
  /** Subjects with the same key share reads. */
  keyOf(subject: Subject): string;
}

interface SharedRead<Outcome> {
  readonly outcome: Promise<Outcome>;
  /** The next read, for all callers who come while this one is under way. */
  next?: Promise<Outcome>;
}

/**
 * Reads on demand. Callers who come while a read with their key is under way share the next one,
 * which begins after their call. So nobody gets what was read before their call.
 */
export function createSharedReads<Subject, Outcome>(
  { read, keyOf }: SharedReadsOptions<Subject, Outcome>,
): (subject: Subject) => Promise<Outcome> {
  const latest = new Map<string, SharedRead<Outcome>>();

  function begin(key: string, subject: Subject): Promise<Outcome> {
    const begun: SharedRead<Outcome> = { outcome: read(subject) };
    latest.set(key, begun);
    const forget = () => {
      if (latest.get(key) === begun) latest.delete(key);
    };
    begun.outcome.then(forget, forget);
    return begun.outcome;
  }

  return (subject) => {
    const key = keyOf(subject);
    const underWay = latest.get(key);
    if (!underWay) return begin(key, subject);
    underWay.next ??= settled(underWay.outcome).then(() => begin(key, subject));
    return underWay.next;
  };
}

/** Resolves once it succeeds, fails or takes too long. */
async function settled(outcome: Promise<unknown>): Promise<void> {
  try {
    await withinTimeLimit(outcome, longestWait);
  } catch {
    // The read's own callers get the error.
  }
}
