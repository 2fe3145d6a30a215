import assert from "node:assert/strict";
import { z } from "zod";
import { type Import, importsIn, readImports } from "./imports.ts";
import { listFiles, readText } from "./tree.ts";

/** The packages that the functions may import, and the modules that the runtime has. */
const functionPackages = [
  // The package's REST client is not allowed: see docs/decisions/0010.
  "@clerk/backend/jwt",
  "@supabase/supabase-js",
  "@supabase/supabase-js/cors",
  "node:crypto",
  "svix",
  "zod/locales",
  "zod/mini",
];

const functionsFolder = "supabase/functions/";

async function sources(): Promise<string[]> {
  const files = await listFiles();
  // The examples are applications with dependencies of their own.
  return files.filter((file) => /\.(?:ts|tsx|js|mjs)$/.test(file) && !file.startsWith("examples/"));
}

function describe({ file, specifier }: Import): string {
  return `${file} imports ${specifier}`;
}

Deno.test("importsIn() finds imports of every kind", () => {
  const text = [
    `import "./a.ts";`,
    `import b from "b";`,
    `import { c } from 'c';`,
    `import type { D } from "d";`,
    `import {\n  e,\n  type E,\n} from "e";`,
    `export { f } from "f";`,
    `export * from "g";`,
    `const h = await ${"import"}("h");`,
    `import * as i from "https://example.com/i.ts";`,
    `import j, { k } from "jsr:@j/j";`,
  ];
  const names = ["./a.ts", "b", "c", "d", "e", "f", "g", "h"];
  assert.deepEqual(importsIn(text.join("\n")), [
    ...names,
    "https://example.com/i.ts",
    "jsr:@j/j",
  ]);
});

Deno.test("every import is a file of the project, a Node module or in the import map", async () => {
  const map = z.object({ imports: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readText("import_map.json") ?? ""));
  const names = Object.keys(map.imports);
  const files = new Set(await listFiles());
  const imports = await readImports(await sources());
  assert.ok(imports.length > 300);
  const unknown = imports.filter(({ specifier, path }) => {
    if (path !== undefined) return !files.has(path);
    if (specifier.startsWith("node:")) return false;
    return !names.some((name) =>
      name.endsWith("/") ? specifier.startsWith(name) : specifier === name
    );
  });
  assert.deepEqual(unknown.map(describe), []);
});

Deno.test("a function imports only its own folder, _shared and the listed packages, and _shared imports no function", async () => {
  const imports = await readImports(
    (await sources()).filter((file) => file.startsWith(functionsFolder)),
  );
  assert.ok(imports.some(({ specifier }) => functionPackages.includes(specifier)));
  const wrong = imports.filter(({ file, specifier, path }) => {
    if (path === undefined) return !functionPackages.includes(specifier);
    const own = file.split("/").slice(0, 3).join("/");
    return !path.startsWith(`${own}/`) && !path.startsWith(`${functionsFolder}_shared/`);
  });
  assert.deepEqual(wrong.map(describe), []);
});

Deno.test("other code imports only _shared from the functions, and local/ imports no test", async () => {
  const imports = await readImports(await sources());
  assert.ok(imports.some(({ path }) => path?.startsWith(`${functionsFolder}_shared/`)));
  const wrong = imports.filter(({ file, path }) => {
    if (path === undefined || file.startsWith("tests/") || file.startsWith(functionsFolder)) {
      return false;
    }
    const operates = file.startsWith("local/") || file.startsWith("cli/");
    if (operates && /^(tests|bench)\//.test(path)) return true;
    return path.startsWith(functionsFolder) && !path.startsWith(`${functionsFolder}_shared/`);
  });
  assert.deepEqual(wrong.map(describe), []);
});
