import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { bundlePath } from "../bundle/path.ts";
import type { PartSpecification } from "../supervisor/part.ts";
import type { FunctionConfiguration } from "./configuration.ts";
import { buildDenoEnvironment } from "./deno_environment.ts";

/** Settings that all functions' processes share. */
export type FunctionProcessOptions = {
  /** The Deno that runs them. Its version decides which flags it knows. */
  deno: { file: string; version: string };
  project: string;
  /** Folder of bundles that run in place of the sources. */
  bundles?: string | undefined;
  /** Folder of the generated main modules. */
  directory: string;
  environment(): Promise<Record<string, string>>;
};

/** A function that is one file needs no import map. */
type StartedFunction = Omit<FunctionConfiguration, "importMap"> & {
  importMap?: string | undefined;
};

/** Specifies how a function starts and ends. `port()` is its current port. */
export function specifyFunction(
  configuration: StartedFunction,
  options: FunctionProcessOptions,
): PartSpecification & { port(): number } {
  let port = 0;
  return {
    port: () => port,
    name: configuration.name,
    launch: async () => {
      const main = join(options.directory, `${configuration.name}.ts`);
      const runtime = new URL("runtime.ts", import.meta.url).href;
      const entrypoint = pathToFileURL(
        options.bundles === undefined
          ? configuration.entrypoint
          : bundlePath(options.bundles, configuration.name),
      ).href;
      await Deno.writeTextFile(
        main,
        `import ${JSON.stringify(runtime)};\nimport ${JSON.stringify(entrypoint)};\n`,
      );
      return {
        file: options.deno.file,
        args: [
          "run",
          "--quiet",
          "--no-prompt",
          "--no-config",
          "--node-modules-dir=none",
          ...(configuration.importMap === undefined
            ? []
            : [`--import-map=${configuration.importMap}`]),
          ...versionFlags(options),
          "--allow-net",
          "--allow-env",
          main,
        ],
        environment: { ...buildDenoEnvironment(), ...await options.environment() },
        directory: options.directory,
      };
    },
    answers: async (log, signal) => {
      const match = await log.next(/^listening on http:\/\/127\.0\.0\.1:(\d+)$/, signal);
      port = Number(match[1]);
    },
    endings: [],
    emergency: "process",
    hopeless: "wait",
  };
}

/** Deno before 2.3 cannot read the project's lock file (version 5). */
function versionFlags({ deno, project }: FunctionProcessOptions): string[] {
  const [major = 0, minor = 0] = deno.version.split(".").map(Number);
  if (major === 2 && minor < 3) return ["--no-lock"];
  return [
    `--lock=${join(project, "deno.lock")}`,
    "--frozen",
    // Without it, newer Denos say in the function's log that a request's signal ends with its answer.
    "--unstable-no-legacy-abort",
  ];
}
