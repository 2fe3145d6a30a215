import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { type Finished, runCli } from "../support/application/cli.ts";
import { createRepository } from "../support/application/repository.ts";
import { inFolder, picture, put, putCommand } from "./folders.ts";

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
  const PATH = `${join(top, "commands")}:${Deno.env.get("PATH")}`;
  const runs = (name: string) => (args: readonly string[] = [], { from, disturb }: Way = {}) =>
    runCli(name, folder, args, {
      ...(from === undefined ? {} : { from }),
      ...(disturb === undefined ? {} : { preload: import.meta.resolve("./disturb.ts") }),
      environment: { PATH, DISTURB: disturb ?? "" },
    });
  return { folder, install: runs("install"), uninstall: runs("uninstall") };
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
