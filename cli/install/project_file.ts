import { join } from "node:path";
import { ifPresent } from "../../local/presence.ts";

/** A file's text, or undefined if there is none. */
export type ReadFile = (path: string) => Promise<string | undefined>;

/**
 * Reads files of a project. Each is read once, so that a plan sees one state.
 *
 * Reading throws an error with what to do where the text could not be written back as it was.
 */
export function createReadFile(project: string): ReadFile {
  const texts = new Map<string, Promise<string | undefined>>();
  return (path) => {
    const text = texts.get(path) ?? ifPresent(readText(project, path));
    texts.set(path, text);
    return text;
  };
}

async function readText(project: string, path: string): Promise<string> {
  try {
    const bytes = await Deno.readFile(join(project, path));
    // A file's byte order mark is part of it.
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (error) {
    if (error instanceof TypeError) {
      throw new Error(`${path} is not encoded as UTF-8. Save it as UTF-8, and try again`);
    }
    if (error instanceof Deno.errors.IsADirectory) {
      throw new Error(`${path} is a folder, but must be a file. Move it away, and try again`);
    }
    throw error;
  }
}
