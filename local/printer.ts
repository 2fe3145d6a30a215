/** Writes lines for people; colour only where a terminal shows it. */
export type Printer = {
  /** A line on standard output. */
  line(text?: string): void;
  /** A line on standard error. */
  error(text: string): void;
  dim(text: string): string;
  bold(text: string): string;
};

type Stream = { writeSync(bytes: Uint8Array): number; isTerminal(): boolean };

/** A printer on the process' own standard output and standard error. */
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
    // Whoever read the output has gone; the work goes on without it.
    if (!(error instanceof Deno.errors.BrokenPipe)) throw error;
  }
}
