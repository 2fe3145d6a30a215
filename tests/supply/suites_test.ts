import assert from "node:assert/strict";
import { findCircle } from "./circle.ts";
import { type Import, readImports } from "./imports.ts";
import { listFiles } from "./tree.ts";

/** The files that start the suites and read their reports: the only files directly in tests/. */
const runner = ["join_files", "junit", "run", "run_suite", "suites"].map((name) =>
  `tests/${name}.ts`
);

/** The suite that contains a path, or `support` for shared files; undefined outside of tests/. */
function suiteOf(path: string): string | undefined {
  const [top, suite, file] = path.split("/");
  return top === "tests" && file !== undefined ? suite : undefined;
}

/** Why a file of the tests or the bench must not import this; undefined if it may. */
function objectionTo({ file, path }: Import): string | undefined {
  if (path === undefined || runner.includes(file) && runner.includes(path)) return undefined;
  const own = suiteOf(file);
  const other = suiteOf(path);
  if (runner.includes(path)) return "the runner must not be imported";
  if (own === "support" && path.startsWith("bench/")) {
    return "support imports nothing from the bench";
  }
  if (other === undefined || other === "support" || other === own) return undefined;
  return own === "support"
    ? "support imports no suite"
    : "code of more than one suite belongs in tests/support";
}

async function importsOfTests(): Promise<Import[]> {
  const files = [...await listFiles("tests"), ...await listFiles("bench")];
  return await readImports(files.filter((file) => file.endsWith(".ts")));
}

Deno.test("objectionTo() lets a suite import only itself, support, the bench and the product", () => {
  const isRefused = (file: string, path: string) =>
    objectionTo({ file, path, specifier: path }) !== undefined;
  const may = [
    "tests/http/a.ts",
    "tests/support/a.ts",
    "local/a.ts",
    "supabase/a.ts",
    "bench/a.ts",
  ];
  for (const path of may) assert.equal(isRefused("tests/http/b_test.ts", path), false, path);
  for (const path of ["tests/crash/a.ts", "tests/run.ts"]) {
    assert.equal(isRefused("tests/http/b_test.ts", path), true, path);
  }
  for (const path of ["tests/http/a.ts", "tests/run.ts", "bench/a.ts"]) {
    assert.equal(isRefused("tests/support/b.ts", path), true, path);
  }
  assert.equal(isRefused("bench/a.ts", "tests/support/b.ts"), false);
  assert.equal(isRefused("bench/a.ts", "tests/http/b.ts"), true);
  assert.equal(isRefused("tests/run.ts", "tests/support/b.ts"), false);
  assert.equal(isRefused("tests/run.ts", "tests/http/b.ts"), true);
});

Deno.test("no suite imports another, and neither support nor the bench imports any", async () => {
  const imports = await importsOfTests();
  assert.ok(imports.length > 1_000);
  const wrong = imports.flatMap((one) => {
    const objection = objectionTo(one);
    return objection === undefined ? [] : [`${one.file} imports ${one.specifier}: ${objection}`];
  });
  assert.deepEqual(wrong, []);
});

Deno.test("no files of support import each other in a circle", async () => {
  const imports = (await importsOfTests()).filter(({ file }) => suiteOf(file) === "support");
  assert.ok(imports.length > 50);
  assert.equal(findCircle(imports), undefined);
});

Deno.test("only the runner's files are directly in tests/", async () => {
  const files = await listFiles("tests");
  assert.deepEqual(files.filter((file) => suiteOf(file) === undefined), runner);
});

Deno.test("support holds no tests", async () => {
  const files = await listFiles("tests/support");
  assert.ok(files.length > 20);
  assert.deepEqual(files.filter((file) => file.endsWith("_test.ts")), []);
});
