import { join } from "node:path";
import { ifPresent } from "../../local/presence.ts";

/** A file's text, or undefined if there is none. */
export type ReadFile = (path: string) => Promise<string | undefined>;

/** Reads files of a project. Each is read once, so that a plan sees one state. */
export function createReadFile(project: string): ReadFile {
  const texts = new Map<string, Promise<string | undefined>>();
  return (path) => {
    const text = texts.get(path) ?? ifPresent(Deno.readTextFile(join(project, path)));
    texts.set(path, text);
    return text;
  };
}
