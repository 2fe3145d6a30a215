import assert from "node:assert/strict";
import { join } from "node:path";
import { checkout } from "../../local/options.ts";
import { eventually } from "./eventually.ts";
import { freePortBase } from "./stack/free_port_base.ts";

/** Where commands run, and as which account. */
export type Place = {
  /** LOCAL_DIR. */
  directory: string;
  /** Default: the first of four free ports. */
  portBase?: number;
  /** The checkout. Default: this one. */
  project?: string;
  /** Default: the Deno of this test. */
  deno?: string;
  account?: { uid: number; gid: number };
  environment?: Record<string, string>;
};

/** What a finished command printed. */
export type Finished = { code: number; output: string; errors: string };

/** A command that runs until it is asked to end. */
export type RunningCommand = {
  readonly pid: number;
  output(): string;
  /** Waits until its output matches. Fails if the command ends before. */
  says(pattern: RegExp, milliseconds?: number): Promise<void>;
  signal(name: Deno.Signal): void;
  finished: Promise<Finished>;
};

/** A place with ports of its own. */
export function placeIn(directory: string, more: Partial<Place> = {}): Place {
  return { directory, portBase: freePortBase(), ...more };
}

/** Starts `local/<name>.ts` as `deno task` does. */
export function begin(name: string, place: Place, ...args: string[]): RunningCommand {
  const project = place.project ?? checkout;
  const child = new Deno.Command(place.deno ?? Deno.execPath(), {
    args: ["run", "--allow-all", join(project, "local", `${name}.ts`), ...args],
    cwd: project,
    env: {
      LOCAL_DIR: place.directory,
      LOCAL_PORT_BASE: String(place.portBase ?? ""),
      LOCAL_FUNCTIONS_DENO: "",
      NO_COLOR: "1",
      ...place.environment,
    },
    ...place.account,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  let output = "";
  let errors = "";
  let ended = false;
  const collect = async (stream: ReadableStream<Uint8Array>, add: (text: string) => void) => {
    for await (const text of stream.pipeThrough(new TextDecoderStream())) add(text);
  };
  const finished = Promise.all([
    child.status,
    collect(child.stdout, (text) => output += text),
    collect(child.stderr, (text) => errors += text),
  ]).then(([{ code }]) => {
    ended = true;
    return { code, output, errors };
  });
  return {
    pid: child.pid,
    output: () => output,
    says: (pattern, milliseconds = 60_000) =>
      eventually(`${name} says ${pattern}`, () => {
        if (pattern.test(output)) return true;
        if (ended) throw new Error(`${name} ended without ${pattern}:\n${output}\n${errors}`);
        return false;
      }, milliseconds),
    signal: (signal) => child.kill(signal),
    finished,
  };
}

/** Runs `local/<name>.ts` to its end. */
export function run(name: string, place: Place, ...args: string[]): Promise<Finished> {
  return begin(name, place, ...args).finished;
}

/** Asserts that a command fails with one line and no other output. */
export async function fails(
  place: Place,
  line: RegExp,
  [name, ...args]: readonly [string, ...string[]] = ["start", "--once"],
): Promise<void> {
  const { code, errors } = await run(name, place, ...args);
  assert.equal(code, 1);
  assert.match(errors, line);
  assert.deepEqual(errors.trimEnd().split("\n").length, 1, errors);
}
