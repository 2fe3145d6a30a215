/**
 * Makes one minified file with a source map of each function, in `.local/bundles/NAME/`.
 *
 * deno task bundle
 */
import { join } from "node:path";
import { bundleFunctions } from "./bundle/bundle.ts";
import { discoverFunctions } from "./functions/configuration.ts";
import { checkout, readEnvironment } from "./options.ts";
import { createPrinter } from "./printer.ts";

const printer = createPrinter();
const folder = join(readEnvironment().directory, "bundles");
for (
  const { name, code, map } of await bundleFunctions(await discoverFunctions(checkout), {
    root: checkout,
  })
) {
  const directory = join(folder, name);
  await Deno.mkdir(directory, { recursive: true });
  await Deno.writeTextFile(join(directory, "index.js"), code);
  await Deno.writeTextFile(join(directory, "index.js.map"), map);
  const kilobytes = new TextEncoder().encode(code).length / 1000;
  printer.line(`${join(directory, "index.js")}  ${kilobytes.toFixed(0)} KB`);
}
