import { join } from "node:path";
import type { Page } from "playwright-core";
import { checkout } from "../../../local/options.ts";
import { findFreePort } from "../../../local/ports.ts";
import { ifPresent } from "../../../local/presence.ts";
import { eventually } from "../eventually.ts";

const folder = join(checkout, "examples/react");

/** The example of a frontend, served to browsers. */
export interface ServedExample {
  readonly url: string;
  stop(): Promise<void>;
}

/** Runs a program of the example's packages to its end. Throws with its output if it fails. */
export async function runInExample(
  program: readonly [string, ...string[]],
  environment: Readonly<Record<string, string>> = {},
): Promise<void> {
  const [file, ...args] = program;
  const { success, stdout, stderr } = await new Deno.Command(file, {
    args,
    cwd: folder,
    env: environment,
    stdin: "null",
  }).output();
  if (success) return;
  const output = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("\n");
  throw new Error(`${program.join(" ")} in examples/react fails:\n${output}`);
}

/** Installs the example's packages as its lock file has them, if they are not. */
export async function installExample(): Promise<void> {
  const time = async (path: string) =>
    (await ifPresent(Deno.stat(join(folder, path))))?.mtime?.getTime() ?? 0;
  const installed = await time("node_modules/.package-lock.json");
  if (installed > await time("package-lock.json")) return;
  await runInExample(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]);
}

/**
 * Serves the example as `npm run preview` does. It is built with React's checks for developers,
 * among them StrictMode's double effects.
 *
 * @param stackFolder the LOCAL_DIR of the running stack that it uses
 */
export async function serveExample(stackFolder: string): Promise<ServedExample> {
  await installExample();
  const built = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-example-" });
  const environment = { LOCAL_DIR: stackFolder, NODE_ENV: "development" };
  const build = ["build", "--mode", "development", "--outDir", built, "--emptyOutDir"];
  await runInExample(["node", "node_modules/vite/bin/vite.js", ...build], environment);
  const served = await serve(["preview", "--outDir", built], environment);
  return {
    url: served.url,
    async stop() {
      await served.stop();
      await Deno.remove(built, { recursive: true });
    },
  };
}

/** Serves the example's sources as `npm run dev` does. */
export async function serveExampleSources(stackFolder: string): Promise<ServedExample> {
  await installExample();
  return await serve([], { LOCAL_DIR: stackFolder });
}

async function serve(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<ServedExample> {
  const port = findFreePort();
  const url = `http://127.0.0.1:${port}/`;
  const child = new Deno.Command("node", {
    args: ["node_modules/vite/bin/vite.js", ...args, "--port", String(port), "--strictPort"],
    cwd: folder,
    env: environment,
    stdin: "null",
    stdout: "null",
    stderr: "inherit",
  }).spawn();
  let ended = false;
  const status = child.status.finally(() => ended = true);
  const answers = async () => {
    if (ended) throw new Error("The example's server has ended");
    const response = await fetch(url).catch(() => undefined);
    await response?.body?.cancel();
    return response?.ok ?? false;
  };
  const stop = async () => {
    if (!ended) child.kill();
    await status;
  };
  try {
    await eventually("the example answers", answers, 60_000);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url, stop };
}

/** The double's only code. */
const code = "424242";

/** Signs a user of the double in on the example's page. */
export async function signInOnPage(page: Page, address: string): Promise<void> {
  await page.getByLabel("Email address").fill(address);
  await page.getByRole("button", { name: "Send me a code" }).click();
  await page.getByLabel(`Code sent to ${address}`).fill(code);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.getByRole("heading", { name: /^Hello, / }).waitFor();
}
