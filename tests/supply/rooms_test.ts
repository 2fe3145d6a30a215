import assert from "node:assert/strict";
import { findCircle } from "./circle.ts";
import { type Import, readImports } from "./imports.ts";
import { listFiles } from "./tree.ts";

const shared = "supabase/functions/_shared/";

/** The rooms of _shared, each with those that it may import. Files in no room are for all. */
const rooms: Readonly<Record<string, readonly string[]>> = {
  settings: [],
  facts: [],
  clerk: ["settings", "facts"],
  session: ["clerk"],
  webhook: ["clerk", "facts"],
  database: ["settings", "facts"],
  http: [],
};

async function importsBetweenFunctions(): Promise<Import[]> {
  return await readImports(await listFiles("supabase/functions"));
}

/** The room that a path lies in; undefined where it is in none. */
function roomOf(path: string): string | undefined {
  return path.slice(shared.length).split("/").at(-2);
}

Deno.test("findCircle() finds files that import each other, directly or not", () => {
  const imports = ["a b", "a d", "b c", "c b", "d e"].map((pair) => {
    const [file = "", path = ""] = pair.split(" ");
    return { file, path, specifier: `./${path}` };
  });
  assert.deepEqual(findCircle(imports), ["b", "c", "b"]);
  assert.equal(findCircle(imports.filter(({ file }) => file !== "c")), undefined);
});

Deno.test("no files of the functions import each other in a circle", async () => {
  const imports = await importsBetweenFunctions();
  assert.ok(imports.length > 50);
  assert.equal(findCircle(imports), undefined);
});

Deno.test("a room of _shared imports only the rooms that it may, and a file in no room imports none", async () => {
  const imports = (await importsBetweenFunctions()).filter(({ file }) => file.startsWith(shared));
  const known = new Set(imports.flatMap(({ file }) => roomOf(file) ?? []));
  assert.deepEqual([...known].sort(), Object.keys(rooms).sort());
  const wrong = imports.filter(({ file, path }) => {
    if (path === undefined) return false;
    const own = roomOf(file);
    const other = roomOf(path);
    return other !== undefined && other !== own && !rooms[own ?? ""]?.includes(other);
  });
  assert.deepEqual(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`), []);
});
