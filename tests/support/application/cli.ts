import { join } from "node:path";
import { checkout } from "../../../local/options.ts";
import { gitEnvironment } from "./repository.ts";

/** What a finished command printed. */
export interface Finished {
  readonly code: number;
  readonly output: string;
  readonly errors: string;
}

/** How a command is run, if not in the usual way. */
export interface CliOptions {
  /** The checkout whose command it is. Default: this one. */
  readonly from?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Variables of this process that it does not get. */
  readonly without?: readonly string[];
  /** Address of a module that Deno loads first. */
  readonly preload?: string;
}

/** Runs `cli/<name>.ts` as `deno task` does: in its own checkout, wherever it was typed. */
export async function runCli(
  name: string,
  folder: string,
  args: readonly string[],
  { from = checkout, environment = {}, without = [], preload }: CliOptions = {},
): Promise<Finished> {
  const inherited = Object.entries(Deno.env.toObject())
    .filter(([name]) => !without.includes(name));
  const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      ...["run", "--allow-all", "--quiet"],
      ...(preload === undefined ? [] : [`--preload=${preload}`]),
      ...[join(from, "cli", `${name}.ts`), ...args],
    ],
    cwd: from,
    clearEnv: true,
    env: {
      ...Object.fromEntries(inherited),
      ...gitEnvironment,
      INIT_CWD: folder,
      DB_CONNECTION_STRING: "",
      NO_COLOR: "1",
      ...environment,
    },
    stdin: "null",
  }).output();
  const read = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return { code, output: read(stdout), errors: read(stderr) };
}
