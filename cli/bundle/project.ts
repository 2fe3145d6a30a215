import { join } from "node:path";
import { stringify } from "smol-toml";
import { z } from "zod";
import { type Bundle, bundleFunctions, type BundleSource } from "../../local/bundle/bundle.ts";
import { bundlePath } from "../../local/bundle/path.ts";
import { writeBundles } from "../../local/bundle/write.ts";
import { ifPresent } from "../../local/presence.ts";
import { configurationPath, parseConfiguration } from "../install/configuration.ts";

/** The folder of the functions in a project. */
export const functionsFolder = "supabase/functions";

const heading = "# Made by bundle: it replaces this file.\n";

/**
 * Bundles installed functions into a folder that is a Supabase project of its own, from which the
 * Supabase CLI deploys them. The application is only read.
 *
 * @param names of the installed functions. Those that config.toml switches off are left out
 * @throws Error that says what stands in the way
 */
export async function writeBundledProject(
  project: string,
  names: readonly string[],
  folder: string,
): Promise<readonly Bundle[]> {
  const configuration = join(folder, configurationPath);
  const present = await ifPresent(Deno.readTextFile(configuration));
  if (present !== undefined && !present.startsWith(heading)) {
    throw new Error(`${folder} has a Supabase project. Give an empty folder, or a new one`);
  }
  const bundles = await bundleFunctions(await readSources(project, names), { root: project });
  await writeBundles(bundles, join(folder, functionsFolder));
  const sections = bundles.map(({ name }) => [name, {
    // The functions verify tokens and signatures themselves.
    verify_jwt: false,
    entrypoint: `./${bundlePath("functions", name)}`,
  }]);
  await Deno.writeTextFile(
    configuration,
    `${heading}\n${stringify({ functions: Object.fromEntries(sections) })}`,
  );
  return bundles;
}

/** Where the Supabase CLI would find the functions. */
async function readSources(project: string, names: readonly string[]): Promise<BundleSource[]> {
  const text = await ifPresent(Deno.readTextFile(join(project, configurationPath))) ?? "";
  const { functions } = parseConfiguration(text);
  return names.flatMap((name) => {
    const section = z.object({
      enabled: z.unknown().optional(),
      entrypoint: z.string().default(`./functions/${name}/index.ts`),
      import_map: z.string().default(`./functions/${name}/deno.json`),
    }).parse(functions[name] ?? {});
    if (section.enabled === false) return [];
    return {
      name,
      entrypoint: join(project, "supabase", section.entrypoint),
      importMap: join(project, "supabase", section.import_map),
    };
  });
}
