import { build, type BuildOptions, type Plugin, stop } from "esbuild";
import { join, relative } from "node:path";
import { z } from "zod";
import { checkout } from "../options.ts";
import { byImportMap, type Imports, readImports } from "./import_map.ts";
import { leaveOut } from "./left_out.ts";
import { withPackages } from "./packages.ts";
import { withPortableSources } from "./source_map.ts";

/** A module to bundle, with all that it imports. */
export interface BundleSource {
  readonly name: string;
  /** Absolute path. */
  readonly entrypoint: string;
  /** Absolute path of the import map, or the `deno.json`, that it is deployed with. Default: ours. */
  readonly importMap?: string;
}

/** One file that needs no other. */
export interface Bundle {
  readonly name: string;
  /** Minified, unless it is to be readable. */
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
  /** Keeps all names, and is not minified. For profiles. */
  readonly readable?: boolean;
  /** Modules that take the place of others, by absolute path. For measuring. */
  readonly replaced?: Readonly<Record<string, string>>;
}

/**
 * Bundles functions. The same sources and packages give the same bytes on every machine.
 *
 * @throws Error that says what stands in the way: with esbuild's messages if something that is imported
 * is missing
 */
export async function bundleFunctions(
  sources: readonly BundleSource[],
  options: BundleOptions,
): Promise<Bundle[]> {
  const read = await Promise.all(sources.map(async (source) => ({
    source,
    imports: await readImports(source.importMap ?? join(checkout, "import_map.json")),
  })));
  const bundles: Bundle[] = [];
  underWay++;
  try {
    for (const group of Map.groupBy(read, ({ imports }) => JSON.stringify(imports)).values()) {
      const imports = group[0]?.imports ?? {};
      const made = await withPackages(
        imports,
        (modules) =>
          Promise.all(group.map(({ source }) => bundle(source, { imports, modules }, options))),
      );
      bundles.push(...made);
    }
  } finally {
    underWay--;
    // It would keep the process alive. Builds that are under way when it stops never end.
    if (underWay === 0) await stop();
  }
  return bundles;
}

/** How many calls share esbuild's service now. */
let underWay = 0;

const settings = {
  bundle: true,
  format: "esm",
  platform: "neutral",
  // As the platform's runtime, whose packages use the web's own interfaces.
  conditions: ["worker"],
  mainFields: ["module", "main"],
  target: "deno2.1",
  // Not that of an application around them.
  tsconfigRaw: "{}",
  external: ["node:*"],
  legalComments: "none",
  sourcemap: "external",
  write: false,
  metafile: true,
  logLevel: "silent",
} as const satisfies BuildOptions;

async function bundle(
  { name, entrypoint }: BundleSource,
  { imports, modules }: { readonly imports: Imports; readonly modules: string },
  { root, whole = false, readable = false, replaced = {} }: BundleOptions,
): Promise<Bundle> {
  const { outputFiles, metafile } = await build({
    ...settings,
    minify: !readable,
    // Without the folders above, in which a * would make a pattern of it.
    entryPoints: [`./${relative(root, entrypoint)}`],
    absWorkingDir: root,
    outfile: `${name}.js`,
    plugins: [byImportMap(imports, modules), replace(replaced), ...(whole ? [] : [leaveOut])],
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
