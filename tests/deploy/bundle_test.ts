import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type Bundle, bundleFunctions } from "../../local/bundle/bundle.ts";
import { discoverFunctions } from "../../local/functions/configuration.ts";
import { checkout } from "../../local/options.ts";
import { runCli } from "../support/application/cli.ts";
import { withinTimeLimit } from "../../supabase/functions/_shared/time_limit.ts";
import { copyProject } from "./project_copy.ts";

/** Bytes that a function may load: it starts the sooner, the less there is. */
const most = 110_000;
/** Nobody waits for it. */
const mostOfReconcile = 130_000;

let bundles: readonly Bundle[];

Deno.test.beforeAll(async () => {
  bundles = await bundleFunctions(await discoverFunctions(checkout), { root: checkout });
});

Deno.test("each function is one module of at most 110 KB, which imports only what the runtime has", () => {
  assert.deepEqual(bundles.map(({ name }) => name), [
    "clerk-reconcile",
    "clerk-webhook",
    "users-me",
    "users-sync",
  ]);
  for (const { name, code } of bundles) {
    const size = new TextEncoder().encode(code).length;
    const allowed = name === "clerk-reconcile" ? mostOfReconcile : most;
    assert.ok(size <= allowed, `${name} has ${size} bytes`);
    assert.doesNotMatch(code, /\b(import|require)\s*\(/, name);
    const imports = code.matchAll(/(?:^|;)import\b[^;]*|\bfrom"[^;]*/g);
    assert.deepEqual(
      [...imports].map(([text]) => text).filter((text) => !/"node:\w+"$/.test(text)),
      [],
      name,
    );
  }
});

const sourceMap = z.object({ sources: z.array(z.string()), mappings: z.string().min(1) });

Deno.test("a source map names its sources without a machine's folders", () => {
  for (const { name, map } of bundles) {
    const { sources } = sourceMap.parse(JSON.parse(map));
    assert.ok(sources.includes(`supabase/functions/${name}/handler.ts`));
    assert.ok(sources.some((source) => source.startsWith("npm/zod@")));
    assert.deepEqual(
      sources.filter((source) => !/^(supabase\/functions|npm|left-out:\S+)\b/.test(source)),
      [],
    );
  }
});

for (const name of ["project", "a * [b] {c} ?d #e %20"]) {
  Deno.test(`the same sources give the same bytes, wherever they are: ${name}`, async () => {
    await inFolder(async (directory) => {
      const root = join(directory, name);
      await copyProject(root);
      assert.deepEqual(await bundleFunctions(await discoverFunctions(root), { root }), bundles);
    });
  });
}

Deno.test("a call that has ended does not end another one's work", async () => {
  const [first] = await discoverFunctions(checkout);
  assert.ok(first);
  const all = await discoverFunctions(checkout);
  const both = Promise.all([
    bundleFunctions([first], { root: checkout }),
    bundleFunctions(all, { root: checkout }),
  ]);
  const [, made] = await withinTimeLimit(both, 60_000);
  assert.deepEqual(made, bundles);
});

Deno.test("an application's own packages and TypeScript settings never reach a bundle", async () => {
  await inFolder(async (root) => {
    const files = {
      "supabase/config.toml": 'project_id = "app"\n',
      "tsconfig.json": '{ "compilerOptions": \n',
      "node_modules/zod/package.json": '{ "name": "zod", "version": "3.22.0", "main": "a.js" }\n',
      "node_modules/zod/a.js": "exports.old = true;\n",
    };
    for (const [path, text] of Object.entries(files)) await put(join(root, path), text);
    const installed = await runCli("install", root, []);
    assert.equal(installed.code, 0, installed.errors);
    const inApplication = await bundleFunctions(await discoverFunctions(root), { root });
    // esbuild's short names depend on the shared folder's name, their lengths do not.
    const describe = ({ name, modules, code }: Bundle) => [name, modules, code.length];
    assert.deepEqual(inApplication.map(describe), bundles.map(describe));
  });
});

Deno.test("a function is bundled with the packages that its own import map names", async () => {
  await inFolder(async (root) => {
    const entrypoint = join(root, "index.ts");
    const importMap = join(root, "deno.json");
    const bundle = async (imports: Record<string, string>, text: string) => {
      await put(importMap, JSON.stringify({ imports }));
      await put(entrypoint, text);
      const [made] = await bundleFunctions([{ name: "one", entrypoint, importMap }], { root });
      return made?.code ?? "";
    };
    const other = await bundle(
      { "p-limit": "npm:p-limit@6.2.0" },
      'import limit from "p-limit";\nimport { isIP } from "node:net";\nconsole.log(limit, isIP);\n',
    );
    assert.match(other, /import\{isIP as \w+\}from"node:net";/);
    // Version 7 has it, version 6 does not.
    assert.doesNotMatch(other, /rejectOnClear/);

    const text = 'import * as z from "zod";\nconsole.log(z.string());\n';
    const refused = /index\.ts:1:\d+: .*"zod" is no npm package that the import map names/;
    await assert.rejects(bundle({}, text), refused);
    await assert.rejects(bundle({ zod: "npm:zod@4.6.7/mini" }, text), refused);
    await assert.rejects(bundle({ zod: "./own.ts" }, text), refused);
  });
});

Deno.test("an import map that is missing, or is none, is one line that names it", async () => {
  await inFolder(async (root) => {
    const entrypoint = join(root, "index.ts");
    const importMap = join(root, "deno.json");
    await put(entrypoint, "export {};\n");
    const bundle = () => bundleFunctions([{ name: "broken", entrypoint, importMap }], { root });
    await assert.rejects(bundle, {
      message: `${importMap} is missing. Run install again, or bring it back`,
    });
    for (const text of ["{", "[]", '{ "imports": 3 }']) {
      await put(importMap, text);
      await assert.rejects(bundle, {
        message: `${importMap} cannot be read as an import map. Mend it, and try again`,
      });
    }
  });
});

Deno.test("something missing is an error that names it", async () => {
  await inFolder(async (root) => {
    const entrypoint = join(root, "index.ts");
    await put(entrypoint, 'import "./missing.ts";\n');
    await assert.rejects(
      bundleFunctions([{ name: "broken", entrypoint }], { root }),
      /Could not resolve "\.\/missing\.ts"/,
    );
  });
});

async function inFolder(use: (folder: string) => Promise<void>) {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-project-" });
  try {
    await use(await Deno.realPath(directory));
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function put(path: string, text: string) {
  await Deno.mkdir(dirname(path), { recursive: true });
  await Deno.writeTextFile(path, text);
}
