/** Fields of a log line. They never hold a token, a secret, an e-mail address or metadata. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** `info` is for successes: under load most of them are left out. */
export type LogLevel = "info" | "warn" | "error";

/** Writes one line of JSON. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

export interface LogOptions {
  /** Milliseconds, of a clock that never goes back. */
  readonly now?: () => number;
}

/** Milliseconds in which the platform takes 100 lines, of all isolates together, and drops the rest. */
const windowLength = 10_000;
/** Successes that are logged in a window: few enough to leave room for failures. */
const mostSuccesses = 20;

/**
 * A log whose lines carry the function's name, on the streams that the platform collects. Failures are
 * always written. Successes are written until there are 20 within 10 s; `left_out` in the next line says
 * how many were not.
 */
export function createLog(
  functionName: string,
  { now = () => performance.now() }: LogOptions = {},
): Log {
  let windowStart = -Infinity;
  let successes = 0;
  let leftOut = 0;

  function mayLogSuccess(): boolean {
    if (now() - windowStart >= windowLength) {
      windowStart = now();
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
 * Where an unexpected error happened: its name and stack frames. Its message is left out, since it may
 * quote what a user sent.
 */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  // A message may hold lines that look like frames.
  const stack = (error.stack ?? "").replace(error.message, "");
  const frames = stack.split("\n").filter((line) => /^\s+at /.test(line));
  return [error.name, ...frames.slice(0, 8).map((frame) => frame.trim())].join(" ");
}
