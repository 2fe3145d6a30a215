import type { Import } from "./imports.ts";

/** Files that import each other, directly or through others; undefined if there are none. */
export function findCircle(imports: readonly Import[]): string[] | undefined {
  const done = new Set<string>();

  function visit(file: string, way: readonly string[]): string[] | undefined {
    if (way.includes(file)) return [...way.slice(way.indexOf(file)), file];
    if (done.has(file)) return undefined;
    for (const { file: importer, path } of imports) {
      const circle = importer === file && path !== undefined && visit(path, [...way, file]);
      if (circle) return circle;
    }
    done.add(file);
    return undefined;
  }

  for (const { file } of imports) {
    const circle = visit(file, []);
    if (circle) return circle;
  }
  return undefined;
}
