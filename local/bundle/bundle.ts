import { build, type BuildOptions, type Plugin, stop } from "esbuild";
import { z } from "zod";
import { leaveOut } from "./left_out.ts";
import { withPackages } from "./packages.ts";
import { withPortableSources } from "./source_map.ts";

/** A module to bundle, with all that it imports. */
export interface BundleSource {
  readonly name: string;
  /** Absolute path. */
  readonly entrypoint: string;
}

/** One file that needs no other. */
export interface Bundle {
  readonly name: string;
  /** Minified. */
  readonly code: string;
  /** Source map, version 3. Its sources are paths in the project and in packages. */
  readonly map: string;
  /** How many modules it was made of. */
  readonly modules: number;
}

export interface BundleOptions {
  /** Sources in the map are relative to this folder. */
  readonly root: string;
  /** Keeps what the functions never use. For measuring what others load. */
  readonly whole?: boolean;
  /** Modules that take the place of others, by absolute path. For measuring. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/**
 * Bundles functions. The same sources and packages give the same bytes on every machine.
 *
 * @throws Error with esbuild's messages if something that is imported is missing
 */
export async function bundleFunctions(
  sources: readonly BundleSource[],
  options: BundleOptions,
): Promise<Bundle[]> {
  return await withPackages(async (modules) => {
    try {
      return await Promise.all(sources.map((source) => bundle(source, modules, options)));
    } finally {
      await stop();
    }
  });
}

const settings = {
  bundle: true,
  minify: true,
  format: "esm",
  platform: "neutral",
  // As the platform's runtime, whose packages use the web's own interfaces.
  conditions: ["worker"],
  mainFields: ["module", "main"],
  target: "deno2.1",
  legalComments: "none",
  sourcemap: "external",
  write: false,
  metafile: true,
  logLevel: "silent",
  // zod names processors of JSON Schema that are left out, and never calls them.
  logOverride: { "import-is-undefined": "silent" },
} as const satisfies BuildOptions;

async function bundle(
  { name, entrypoint }: BundleSource,
  modules: string,
  { root, whole = false, replaced = {} }: BundleOptions,
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...settings,
    entryPoints: [entrypoint],
    absWorkingDir: root,
    outfile: `${name}.js`,
    nodePaths: [modules],
    // Ours need none of Node's modules: one would be missing here, and the build would fail.
    external: whole ? ["node:*"] : [],
    plugins: [replace(replaced), ...(whole ? [] : [leaveOut])],
  });
  const textOf = (ending: string) =>
    z.string().parse(outputFiles.find(({ path }) => path.endsWith(ending))?.text);
  return {
    name,
    code: textOf(".js"),
    map: withPortableSources(textOf(".map"), root),
    modules: Object.keys(metafile.inputs).length,
  };
}

function replace(replaced: Readonly<Record<string, string>>): Plugin {
  return {
    name: "replace",
    setup(build) {
      build.onResolve({ filter: /\.ts$/ }, async ({ path, pluginData, ...rest }) => {
        if (pluginData === "resolving") return undefined;
        const resolved = await build.resolve(path, { ...rest, pluginData: "resolving" });
        const substitute = replaced[resolved.path];
        return substitute === undefined ? undefined : { path: substitute };
      });
    },
  };
}
