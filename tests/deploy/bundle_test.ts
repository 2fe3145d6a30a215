import assert from "node:assert/strict";
import { join } from "node:path";
import { z } from "zod";
import { type Bundle, bundleFunctions } from "../../local/bundle/bundle.ts";
import { discoverFunctions } from "../../local/functions/configuration.ts";
import { checkout } from "../../local/options.ts";
import { copyProject } from "./project_copy.ts";

/** Bytes that a function may load: it starts the sooner, the less there is. */
const most = 150_000;
/** Nobody waits for it. */
const mostOfReconcile = 170_000;

let bundles: readonly Bundle[];

Deno.test.beforeAll(async () => {
  bundles = await bundleFunctions(await discoverFunctions(checkout), { root: checkout });
});

Deno.test("each function is one module of at most 150 KB, which imports nothing", () => {
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
    assert.doesNotMatch(code, /^import\b|;import\b|\bfrom"/, name);
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

Deno.test("the same sources give the same bytes, wherever they are", async () => {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-project-" });
  try {
    const root = join(await Deno.realPath(directory), "project");
    await copyProject(root);
    assert.deepEqual(await bundleFunctions(await discoverFunctions(root), { root }), bundles);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("something missing is an error that names it", async () => {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-project-" });
  try {
    const entrypoint = join(directory, "index.ts");
    await Deno.writeTextFile(entrypoint, 'import "./missing.ts";\n');
    await assert.rejects(
      bundleFunctions([{ name: "broken", entrypoint }], { root: directory }),
      /Could not resolve "\.\/missing\.ts"/,
    );
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});
