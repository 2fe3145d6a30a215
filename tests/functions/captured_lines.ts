/** Returns the lines that a run writes to the console, in order. They are not shown. */
export async function captureLines(run: () => Promise<unknown>): Promise<readonly CapturedLine[]> {
  const lines: CapturedLine[] = [];
  const { log, error } = console;
  Object.assign(console, {
    log: (line: unknown) => void lines.push({ stream: "stdout", text: String(line) }),
    error: (line: unknown) => void lines.push({ stream: "stderr", text: String(line) }),
  });
  try {
    await run();
  } finally {
    Object.assign(console, { log, error });
  }
  return lines;
}

export interface CapturedLine {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}
