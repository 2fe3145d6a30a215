import { dirname, join, normalize } from "node:path";
import { readText } from "./tree.ts";

/** The import specifiers in a TypeScript file: static, dynamic and type imports. */
export function importsIn(text: string): string[] {
  const statements =
    /^\s*(?:import|export)\b(?:[^"'`;]*?\bfrom)?\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']/gm;
  return [...text.matchAll(statements)].map((match) => match[1] ?? match[2] ?? "");
}

export interface Import {
  readonly file: string;
  readonly specifier: string;
  /** The path from the checkout's root, if the specifier is relative. */
  readonly path: string | undefined;
}

/** The imports of these files. */
export async function readImports(files: readonly string[]): Promise<Import[]> {
  const read = await Promise.all(
    files.map(async (file) =>
      importsIn(await readText(file) ?? "").map((specifier) => ({
        file,
        specifier,
        path: specifier.startsWith(".") ? normalize(join(dirname(file), specifier)) : undefined,
      }))
    ),
  );
  return read.flat();
}
