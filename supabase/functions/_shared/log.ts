/** Fields of a log line. They never hold a token, a secret, an e-mail address or metadata. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export type LogLevel = "info" | "warn" | "error";

/** Writes one line of JSON. */
export type Log = (level: LogLevel, message: string, fields?: LogFields) => void;

/** A log whose lines carry the function's name, on the streams that the platform collects. */
export function createLog(functionName: string): Log {
  return (level, message, fields = {}) => {
    const line = JSON.stringify({ level, function: functionName, message, ...fields });
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
