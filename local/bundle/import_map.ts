import type { Plugin } from "esbuild";
import { dirname } from "node:path";
import { z } from "zod";
import { ifPresent } from "../presence.ts";

const importMap = z.object({ imports: z.record(z.string(), z.string()).default({}) });

export type Imports = Readonly<Record<string, string>>;

/** Reads what an import map, or a `deno.json`, says of bare names. */
export async function readImports(path: string): Promise<Imports> {
  const text = await ifPresent(Deno.readTextFile(path));
  if (text === undefined) {
    throw new Error(`${path} is missing. Run install again, or bring it back`);
  }
  try {
    return importMap.parse(JSON.parse(text)).imports;
  } catch {
    throw new Error(`${path} cannot be read as an import map. Mend it, and try again`);
  }
}

const resolved = Symbol("resolved");

/**
 * Resolves the functions' own imports as their import map says. An application around them may have
 * other versions of the same packages in its `node_modules`, which only its own code may see.
 *
 * @param modules the `node_modules` folder with what the import map names
 */
export function byImportMap(imports: Imports, modules: string): Plugin {
  return {
    name: "import-map",
    setup(build) {
      build.onResolve({ filter: /^[^./]/ }, ({ path, importer, kind, pluginData }) => {
        const isOwn = kind !== "entry-point" && !importer.startsWith(modules);
        if (!isOwn || pluginData === resolved || path.startsWith("node:")) return undefined;
        if (!isPinned(path, imports)) {
          return { errors: [{ text: `"${path}" is no npm package that the import map names` }] };
        }
        const resolveDir = dirname(modules);
        return build.resolve(path, { kind, importer, resolveDir, pluginData: resolved });
      });
    },
  };
}

/** Whether the import map gives the name to the npm package that has it. */
function isPinned(name: string, imports: Imports): boolean {
  const pinned = Object.keys(imports).find((key) =>
    name === key || name.startsWith(key.endsWith("/") ? key : `${key}/`)
  );
  const [, npmName, path = ""] = npmAddress.exec(imports[pinned ?? ""] ?? "") ?? [];
  return pinned !== undefined && `${npmName}${path}` === pinned;
}

/** `npm:NAME@VERSION`, with a path in it if there is one. */
const npmAddress = /^npm:\/?((?:@[^/@]+\/)?[^/@]+)(?:@[^/]+)?(\/.*)?$/;
