import { type ServedOptions, specify, type Subject } from "./served.ts";

/** A request that the function answers with success. */
export interface FirstRequest {
  readonly path: string;
  readonly init: RequestInit;
}

const listening = /^listening on (http:\S+)$/m;

/**
 * Starts a function, asks it at once, and ends it.
 *
 * @returns milliseconds from the start of its process to the end of its first answer
 */
export async function timeFirstAnswer(
  subject: Subject,
  options: ServedOptions,
  { path, init }: FirstRequest,
): Promise<number> {
  const { file, args, environment, directory } = await specify(subject, options).launch();
  const started = performance.now();
  await using process = new Deno.Command(file, {
    args,
    env: environment,
    clearEnv: true,
    cwd: directory,
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const address = await firstMatch(process.stdout);
  const response = await fetch(`${address}${path}`, init);
  const text = await response.text();
  const time = performance.now() - started;
  if (!response.ok) throw new Error(`${subject.name} answered ${response.status}: ${text}`);
  return time;
}

/** Finds the address, and reads on: a function that can no longer write its log would fail. */
function firstMatch(output: ReadableStream<Uint8Array>): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  async function read() {
    let text = "";
    for await (const chunk of output.pipeThrough(new TextDecoderStream())) {
      text += chunk;
      const [, address] = listening.exec(text) ?? [];
      if (address !== undefined) resolve(address);
    }
    reject(new Error("The function ended before it listened"));
  }
  void read();
  return promise;
}
