/**
 * Fields of a log line. They never hold a token, a secret, an email address or metadata.
 * `request_log.ts` decides which fields the line of a request has.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `info` is for successes. Under load, most of them are left out. */
export type LogLevel = "info" | "warn" | "error";

/** Writes one line of JSON. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

export interface LogOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

/** Milliseconds in which the platform takes 100 lines from all isolates and drops the rest. */
const windowLength = 10_000;
/** Successes logged per window: few enough to leave room for failures. */
const mostSuccesses = 20;

/**
 * Creates a log that writes to the streams that the platform collects. Its lines carry the
 * function's name. It writes all failures, but at most 20 successes in 10 s; `left_out` in the next
 * line counts the others.
 */
export function createLog(
  functionName: string,
  { now = Date.now }: LogOptions = {},
): Log {
  let windowStart = -Infinity;
  let successes = 0;
  let leftOut = 0;

  function mayLogSuccess(): boolean {
    const time = now();
    // The clock may have been set back.
    if (Math.abs(time - windowStart) >= windowLength) {
      windowStart = time;
      successes = 0;
    }
    return successes++ < mostSuccesses;
  }

  return (level, message, fields = {}) => {
    if (level === "info" && !mayLogSuccess()) {
      leftOut++;
      return;
    }
    const left_out = leftOut > 0 ? leftOut : undefined;
    leftOut = 0;
    const line = JSON.stringify({ level, function: functionName, message, ...fields, left_out });
    // deno-lint-ignore no-console
    level === "info" ? console.log(line) : console.error(line);
  };
}

/**
 * Says where an unexpected error happened: its name and stack frames. Leaves out its message, which
 * may quote what a user sent.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  // The message may contain lines that look like frames.
  const stack = (error.stack ?? "").replace(error.message, "");
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 8).map((frame) => frame.trim())].join(" ");
}
