/** The output of a part of the stack, kept in a file and, if wanted, shown on the terminal. */
export type Log = {
  readonly path: string;
  /** Reads a process' output until it ends. */
  consume(output: ReadableStream<Uint8Array>): Promise<void>;
  /** Resolves with the next line that matches. Rejects when the signal aborts. */
  next(pattern: RegExp, signal: AbortSignal): Promise<RegExpMatchArray>;
  /** The last lines, oldest first. */
  tail(lines: number): string[];
  /** Forgets the tail, because a new process starts. */
  mark(): void;
  close(): void;
};

const tailLength = 50;

/** Opens a log file. Keeps the previous one as `<name>.previous.log`. */
export function openLog(path: string, echo: (line: string) => void = () => {}): Log {
  try {
    Deno.renameSync(path, path.replace(/\.log$/, ".previous.log"));
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const file = Deno.openSync(path, { write: true, create: true, truncate: true });
  const encoder = new TextEncoder();
  const listeners = new Set<(line: string) => boolean>();
  let recent: string[] = [];
  let open = true;

  function accept(line: string) {
    if (open) writeAll(file, encoder.encode(`${line}\n`));
    recent.push(line);
    if (recent.length > tailLength) recent.shift();
    const awaited = [...listeners].some((listener) => listener(line));
    if (!awaited) echo(line);
  }

  return {
    path,
    tail: (lines) => recent.slice(-lines),
    mark: () => recent = [],
    consume: async (output) => {
      let rest = "";
      for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
        const lines = (rest + chunk).split(/\r?\n/);
        rest = lines.pop() ?? "";
        for (const line of lines) accept(line);
      }
      if (rest !== "") accept(rest);
    },
    next: (pattern, signal) => {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpMatchArray>();
      const listener = (line: string) => {
        const match = pattern.exec(line);
        if (match === null) return false;
        resolve(match);
        return true;
      };
      listeners.add(listener);
      const abort = () => reject(signal.reason);
      signal.addEventListener("abort", abort);
      if (signal.aborted) abort();
      return promise.finally(() => {
        listeners.delete(listener);
        signal.removeEventListener("abort", abort);
      });
    },
    close: () => {
      if (open) file.close();
      open = false;
    },
  };
}

function writeAll(file: Deno.FsFile, bytes: Uint8Array) {
  while (bytes.length > 0) bytes = bytes.subarray(file.writeSync(bytes));
}
