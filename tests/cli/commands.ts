import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { checkout } from "../../local/options.ts";
import { inFolder, picture, put, putCommand } from "./folders.ts";
import { createRepository, gitEnvironment } from "./repository.ts";

/** What a finished command printed. */
export interface Finished {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** How a command is run, if not in the usual way. */
export interface Way {
  /** The checkout whose command it is. Default: this one. */
  readonly from?: string;
  /** What goes wrong in it, as `disturb.ts` takes it. */
  readonly disturb?: string;
}

/** An application in a git repository of its own. */
export interface Application {
  readonly folder: string;
  install(args?: readonly string[], way?: Way): Promise<Finished>;
  uninstall(args?: readonly string[], way?: Way): Promise<Finished>;
}

/** The configuration of a small application. */
export const plain = { "supabase/config.toml": 'project_id = "app"\n', "README.md": "mine\n" };

/** Runs with an application that has these files, all of them committed. */
export async function inApplication(
  files: Readonly<Record<string, string | Uint8Array>>,
  use: (application: Application) => Promise<void>,
): Promise<void> {
  await inFolder(async (top) => {
    const folder = join(top, "app");
    put(folder, files);
    await createRepository(folder);
    await use(prepare(top, folder));
  });
}

/** Runs with a copy of an application. */
export async function inCopy(
  of: string,
  use: (application: Application) => Promise<void>,
): Promise<void> {
  await inFolder(async (top) => {
    const folder = join(top, "app");
    cpSync(of, folder, { recursive: true });
    await use(prepare(top, folder));
  });
}

function prepare(top: string, folder: string): Application {
  // Whatever this machine has, the application finds this one.
  putCommand(join(top, "commands/supabase"), "echo 3.1.0");
  const runs = (name: string) => (args: readonly string[] = [], way: Way = {}) =>
    run(name, folder, args, join(top, "commands"), way);
  return { folder, install: runs("install"), uninstall: runs("uninstall") };
}

async function run(
  name: string,
  folder: string,
  args: readonly string[],
  commands: string,
  { from = checkout, disturb }: Way,
): Promise<Finished> {
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--quiet"],
      ...(disturb === undefined ? [] : [`--preload=${import.meta.resolve("./disturb.ts")}`]),
      ...[join(from, "cli", `${name}.ts`), ...args],
    ],
    // As deno task runs it: in its own checkout, wherever it was typed.
    cwd: from,
    env: {
      ...gitEnvironment,
      PATH: `${commands}:${Deno.env.get("PATH")}`,
      INIT_CWD: folder,
      DB_CONNECTION_STRING: "",
      NO_COLOR: "1",
      DISTURB: disturb ?? "",
    },
    stdin: "null",
  }).output();
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: read(stdout), errors: read(stderr) };
}

/** Asserts that a command has done its work, and returns what it printed. */
export async function succeeds(finished: Promise<Finished>): Promise<string> {
  const { code, output, errors } = await finished;
  assert.equal(code, 0, output + errors);
  assert.equal(errors, "");
  return output;
}

/** Asserts that a command refuses with one line, and changes nothing. */
export async function refuses(
  { folder }: Application,
  begin: () => Promise<Finished>,
  line: RegExp,
): Promise<void> {
  const before = picture(folder);
  const { code, output, errors } = await begin();
  assert.equal(output, "");
  assert.match(errors, /^[^\n]+\n$/);
  assert.match(errors, line);
  assert.equal(code, 1);
  assert.deepEqual(picture(folder), before);
}
