import { join } from "node:path";
import { ifPresent } from "../../local/presence.ts";

/** The paths of all files below a folder, from the top, in order. Undefined if there is no such folder. */
export async function listFiles(top: string, folder: string): Promise<string[] | undefined> {
  const entries = await ifPresent(Array.fromAsync(Deno.readDir(join(top, folder))));
  const lists = entries?.map(async ({ name, isDirectory }) => {
    const path = `${folder}/${name}`;
    return isDirectory ? await listFiles(top, path) ?? [] : [path];
  });
  return lists && (await Promise.all(lists)).flat().sort();
}
