import { relative, resolve } from "node:path";
import { z } from "zod";

const sourceMap = z.looseObject({ sources: z.array(z.string()) });

/**
 * Names a source map's sources without any machine's folders: files of the project from its root,
 * files of packages as `npm/NAME@VERSION/PATH`.
 */
export function withPortableSources(map: string, root: string): string {
  const parsed = sourceMap.parse(JSON.parse(map));
  const sources = parsed.sources.map((source) => {
    const [, identity, path] =
      /\/node_modules\/\.deno\/([^/]+)\/node_modules\/(.+)$/.exec(source) ??
        [];
    if (identity === undefined || path === undefined) return relative(root, resolve(root, source));
    const version = identity.slice(identity.lastIndexOf("@"));
    return path.replace(/^((?:@[^/]+\/)?[^/]+)/, `npm/$1${version}`);
  });
  return JSON.stringify({ ...parsed, sources });
}
