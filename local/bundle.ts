/**
 * Makes one minified file with a source map of each function, in `.local/bundles/NAME/`.
 *
 * deno task bundle
 */
import { join } from "node:path";
import { bundlePath } from "./bundle/path.ts";
import { writeBundles } from "./bundle/write.ts";
import { checkout, readEnvironment } from "./options.ts";
import { createPrinter } from "./printer.ts";

const printer = createPrinter();
const folder = join(readEnvironment().directory, "bundles");
for (const { name, code } of await writeBundles(checkout, folder)) {
  const kilobytes = new TextEncoder().encode(code).length / 1000;
  printer.line(`${bundlePath(folder, name)}  ${kilobytes.toFixed(0)} KB`);
}
