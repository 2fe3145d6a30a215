import { basename, dirname, join } from "node:path";
import { ifPresent } from "../../local/presence.ts";

/** Where a file is, or would be, beyond all links on the way. Git looks at no other place. */
export async function findRealPlace(path: string): Promise<string> {
  return await ifPresent(Deno.realPath(path)) ??
    join(await findRealPlace(dirname(path)), basename(path));
}
