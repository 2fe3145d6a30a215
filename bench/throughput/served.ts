import { join } from "node:path";
import { specifyFunction } from "../../local/functions/process.ts";
import { checkout } from "../../local/options.ts";
import { openLog } from "../../local/supervisor/log.ts";
import { createPart, type PartSpecification } from "../../local/supervisor/part.ts";
import { startWatchdog } from "../../local/supervisor/watchdog.ts";

/** What runs as a function. */
export interface Subject {
  readonly name: string;
  /** Absolute path. */
  readonly entrypoint: string;
}

export interface ServedOptions {
  readonly deno: { readonly file: string; readonly version: string };
  /** For generated files and logs. */
  readonly directory: string;
  readonly environment: Readonly<Record<string, string>>;
  /** Further flags for Deno. */
  readonly flags?: readonly string[];
}

/** A function in a process of its own, asked directly. */
export interface Served extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
}

/** How the local stack runs a function, under a name that nothing else in the folder has. */
export function specify(
  { name, entrypoint }: Subject,
  { deno, directory, environment, flags = [] }: ServedOptions,
): PartSpecification & { port(): number } {
  const specification = specifyFunction(
    { name, entrypoint, importMap: join(checkout, "import_map.json") },
    {
      deno,
      project: checkout,
      directory,
      environment: () => Promise.resolve({ ...environment }),
    },
  );
  return {
    ...specification,
    async launch() {
      const { args: [run = "", ...args], ...launched } = await specification.launch();
      // The platform keeps no code that V8 has compiled before. Here, Deno would, for what is at one place long enough.
      return { ...launched, args: [run, "--no-code-cache", ...flags, ...args] };
    },
  };
}

/** Starts a function and waits until it listens. */
export async function serve(subject: Subject, options: ServedOptions): Promise<Served> {
  const specification = specify(subject, options);
  const log = openLog(join(options.directory, `${subject.name}.log`));
  const watchdog = startWatchdog(join(options.directory, `${subject.name}.lock`));
  const part = createPart(
    { ...specification, hopeless: "fail" },
    { log, watchdog, print: () => {}, fail: () => {} },
  );
  await part.start();
  return {
    url: `http://127.0.0.1:${specification.port()}`,
    get pid() {
      return part.pid ?? 0;
    },
    [Symbol.asyncDispose]: async () => {
      await part.stop();
      await watchdog.dismiss();
      log.close();
    },
  };
}
