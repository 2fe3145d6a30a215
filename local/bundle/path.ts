import { join } from "node:path";

/** Where a folder of bundles has a function's. Its source map is beside it, as `index.js.map`. */
export function bundlePath(folder: string, functionName: string): string {
  return join(folder, functionName, "index.js");
}
