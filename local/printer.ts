/** Writes lines for people, in colour only on a terminal. */
export type Printer = {
  /** A line on standard output. */
  line(text?: string): void;
  /** A line on standard error. */
  error(text: string): void;
  dim(text: string): string;
  bold(text: string): string;
};

type Stream = { writeSync(bytes: Uint8Array): number; isTerminal(): boolean };

/** Prints to the process' standard output and standard error by default. */
export function createPrinter(output: Stream = Deno.stdout, errors: Stream = Deno.stderr): Printer {
  const colour = output.isTerminal() && !Deno.noColor;
  return {
    line: (text = "") => write(output, text),
    error: (text) => write(errors, text),
    dim: (text) => colour ? `\x1b[2m${text}\x1b[22m` : text,
    bold: (text) => colour ? `\x1b[1m${text}\x1b[22m` : text,
  };
}

function write(stream: Stream, text: string) {
  let bytes = new TextEncoder().encode(`${text}\n`);
  try {
    while (bytes.length > 0) bytes = bytes.subarray(stream.writeSync(bytes));
  } catch (error) {
    // The reader of the output is gone. Go on without it.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
