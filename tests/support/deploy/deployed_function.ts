import { dirname, join } from "node:path";
import { describeDouble } from "../../../local/clerk_source.ts";
import { buildFunctionEnvironment } from "../../../local/functions/environment.ts";
import { specifyFunction } from "../../../local/functions/process.ts";
import { loadKeys } from "../../../local/keys/keys.ts";
import { readEnvironment } from "../../../local/options.ts";
import { openLog } from "../../../local/supervisor/log.ts";
import { createPart } from "../../../local/supervisor/part.ts";
import { startWatchdog } from "../../../local/supervisor/watchdog.ts";
import { runningStack } from "../stack/running_stack.ts";
import type { Upload } from "./management_api.ts";

/** The Deno version that Supabase's edge runtime is based on. */
export const edgeRuntime = "2.1.4";

/** A running uploaded function. */
export interface DeployedFunction extends AsyncDisposable {
  readonly url: string;
  /** Its latest log lines. */
  log(): readonly string[];
}

/**
 * Starts a function only from what was uploaded: its files in an empty folder and the
 * settings of its metadata, with the variables that the platform injects and the secrets.
 *
 * @param variables replace those; null removes one
 */
export async function startDeployed(
  { metadata, files }: Upload,
  deno: string,
  variables: Readonly<Record<string, string | null>> = {},
): Promise<DeployedFunction> {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-deployed-" });
  const project = join(directory, "uploaded");
  await unpack(files, project);
  const specification = specifyFunction({
    name: metadata.name,
    entrypoint: join(project, metadata.entrypoint_path),
    importMap: metadata.import_map_path ? join(project, metadata.import_map_path) : undefined,
  }, {
    // The edge runtime's flags for every Deno, because no lock file was uploaded.
    deno: { file: deno, version: edgeRuntime },
    project,
    directory,
    environment: () => injectedVariables(variables),
  });
  const log = openLog(join(directory, "function.log"));
  const watchdog = startWatchdog(join(directory, "lock"));
  const part = createPart(
    // A function that does not boot fails the test with the end of its log.
    { ...specification, hopeless: "fail" },
    { log, watchdog, print: () => {}, fail: () => {} },
  );

  async function stop() {
    await part.stop();
    await watchdog.dismiss();
    log.close();
    await Deno.remove(directory, { recursive: true });
  }

  try {
    await part.start();
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    url: `http://127.0.0.1:${specification.port()}/${metadata.name}`,
    log: () => log.tail(20),
    [Symbol.asyncDispose]: stop,
  };
}

async function unpack(files: ReadonlyMap<string, string>, directory: string) {
  for (const [path, text] of files) {
    await Deno.mkdir(dirname(join(directory, path)), { recursive: true });
    await Deno.writeTextFile(join(directory, path), text);
  }
}

async function injectedVariables(
  overrides: Readonly<Record<string, string | null>>,
): Promise<Record<string, string>> {
  const { API_URL, CLERK_API_URL, DB_URL } = runningStack();
  const keys = await loadKeys(readEnvironment().directory);
  return await buildFunctionEnvironment({
    apiUrl: API_URL,
    databaseUrl: DB_URL,
    clerk: await describeDouble(keys, CLERK_API_URL),
    keys,
    secrets: () => Promise.resolve({}),
    overrides,
  });
}
