import { join } from "node:path";
import { checkout } from "../../local/options.ts";

/** Folders that hold no files of the project. */
const foreign = new Set([".git", ".local", "node_modules", "dist", ".temp", ".branches"]);

/** Sorted paths of the project's files, from the checkout's root, without a developer's own secrets. */
export async function listFiles(folder = ""): Promise<string[]> {
  const found: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(join(checkout, folder))) {
    const path = join(folder, name);
    if (isDirectory && !foreign.has(name)) found.push(...await listFiles(path));
    const ownSecrets = name.startsWith(".env") && name !== ".env.example";
    if (!isDirectory && !ownSecrets) found.push(path);
  }
  return found.sort();
}

/** A file's text; undefined if it is not text. */
export async function readText(path: string): Promise<string | undefined> {
  const text = await Deno.readTextFile(join(checkout, path));
  return text.includes("\0") ? undefined : text;
}
