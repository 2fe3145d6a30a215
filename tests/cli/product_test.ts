import assert from "node:assert/strict";
import { dirname, join, normalize } from "node:path";
import { z } from "zod";
import {
  functionNames,
  readFunctionFiles,
  readMigrations,
  readVersion,
} from "../../cli/install/product.ts";
import { checkout } from "../../local/options.ts";

const imports = z.object({ imports: z.record(z.string(), z.string()) });

/** The specifiers of a TypeScript file's imports. */
function specifiersIn(text: string): string[] {
  const statement =
    /^\s*(?:import|export)\b(?:[^"'`;]*?\bfrom)?\s*["']([^"']+)["']|\bimport\s*\(\s*["']([^"']+)["']/gm;
  return [...text.matchAll(statement)].map(([, one, other]) => one ?? other ?? "");
}

for (const prefix of ["", "app-"]) {
  const title = prefix === "" ? "" : `, with the prefix ${prefix}`;

  Deno.test(`every import of an installed file is installed with it, in its deno.json, or in the runtime${title}`, async () => {
    const files = await readFunctionFiles(prefix);
    let relative = 0;
    let bare = 0;
    for (const [path, text] of files) {
      if (!path.endsWith(".ts")) continue;
      const own = path.split("/").slice(0, 3).join("/");
      const pins = imports.parse(JSON.parse(files.get(`${own}/deno.json`) ?? "")).imports;
      for (const specifier of specifiersIn(text)) {
        if (specifier.startsWith("node:")) continue;
        if (specifier.startsWith(".")) {
          relative++;
          assert.ok(files.has(normalize(join(dirname(path), specifier))), `${path}: ${specifier}`);
        } else {
          bare++;
          assert.ok(specifier in pins, `${path}: ${specifier}`);
        }
      }
    }
    assert.ok(relative > 100 && bare > 10);
  });

  Deno.test(`what a function imports is in its own folder or the shared one, which no application has${title}`, async () => {
    const files = await readFunctionFiles(prefix);
    const folders = new Set([...files.keys()].map((path) => path.split("/")[2]));
    assert.deepEqual(
      [...folders].sort(),
      [
        "_clerk_sync",
        ...functionNames.map((name) => prefix + name),
      ].sort(),
    );
    for (const [path, text] of files) {
      assert.ok(!text.includes("/_shared/"), `${path} names _shared`);
    }
  });
}

Deno.test("a deno.json pins what the import map pins, and nothing else", async () => {
  const map = imports.parse(JSON.parse(await Deno.readTextFile(join(checkout, "import_map.json"))));
  for (const [path, text] of await readFunctionFiles("")) {
    if (!path.endsWith("deno.json")) continue;
    const pins = imports.strict().parse(JSON.parse(text)).imports;
    assert.ok(Object.keys(pins).length > 3);
    for (const [name, pin] of Object.entries(pins)) assert.equal(pin, map.imports[name]);
  }
});

Deno.test("all migrations are there in order, and the version is the changelog's", async () => {
  const names = [...(await readMigrations()).keys()];
  assert.deepEqual(names, [...names].sort());
  assert.ok(names.length > 10);
  assert.match(names[0] ?? "", /preflight/);
  assert.match(await readVersion(), /^\d+\.\d+\.\d+/);
});

Deno.test("no installed file is hidden, and every one ends with a newline", async () => {
  for (const [path, text] of [...await readFunctionFiles(""), ...await readMigrations()]) {
    assert.doesNotMatch(path, /\/\./);
    assert.ok(text.endsWith("\n") && !text.includes("\r"), path);
  }
});
