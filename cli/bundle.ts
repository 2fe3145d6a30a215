/** Makes one minified file with a source map of each function. */
import { join, relative, resolve } from "node:path";
import { bundlePath } from "../local/bundle/path.ts";
import { checkout, readEnvironment } from "../local/options.ts";
import { createPrinter } from "../local/printer.ts";
import { functionsFolder, writeBundledProject } from "./bundle/project.ts";
import { here, runOnApplication } from "./command.ts";
import { readInstallation } from "./hosted/installation.ts";
import { valueOf } from "./hosted/stop.ts";

const usage = `bundle [FOLDER] [options]

Makes one minified file of each function that is installed in FOLDER (default: where you are), beside its
source map, and a config.toml with which the Supabase CLI deploys them. deploy does this by itself.

  --into FOLDER   where the files go. Default, if the functions are those of this checkout: .local/bundles`;

const printer = createPrinter();
await runOnApplication(printer, {
  usage,
  options: { into: { type: "string" } },
}, async (project, { into }) => {
  const { directory, schema } = readEnvironment();
  const { functions } = valueOf(await readInstallation(project, schema));
  const folder = chooseFolder(project, into, directory);
  for (const { name, code } of await writeBundledProject(project, functions, folder)) {
    const kilobytes = new TextEncoder().encode(code).length / 1000;
    const path = relative(here, bundlePath(join(folder, functionsFolder), name));
    printer.line(`${path}  ${kilobytes.toFixed(0)} KB`);
  }
  const workdir = quote(relative(here, folder) || ".");
  printer.line(
    `\nDeploy them: npx supabase functions deploy --use-api --workdir ${workdir} --remote=PROJECT_REF`,
  );
});

/** A path as a shell takes it. */
function quote(path: string): string {
  return /^[\w./-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;
}

function chooseFolder(project: string, into: string | undefined, directory: string): string {
  if (into) return resolve(here, into);
  if (project === checkout) return join(directory, "bundles");
  throw new Error("Give a folder for the files with --into");
}
