import assert from "node:assert/strict";
import { findCircle } from "./circle.ts";
import { readImports } from "./imports.ts";
import { listFiles } from "./tree.ts";

/** A folder with rooms. */
interface House {
  readonly folder: string;
  /** Its rooms, each with the rooms that it may import. Every room may import files in no room. */
  readonly rooms: Readonly<Record<string, readonly string[]>>;
  /** Files in no room that may import rooms, because they put them together. */
  readonly wiring: readonly string[];
}

const houses: readonly House[] = [
  {
    folder: "supabase/functions/_shared/",
    rooms: {
      settings: [],
      facts: [],
      clerk: ["settings", "facts"],
      session: ["clerk"],
      webhook: ["clerk", "facts"],
      database: ["settings", "facts"],
      http: [],
      listing: ["clerk", "facts"],
      runs: ["settings", "facts", "clerk", "database", "listing"],
      reconcile: ["settings", "facts", "clerk", "database", "listing", "runs"],
    },
    wiring: [],
  },
  {
    folder: "local/clerk/",
    rooms: {
      storage: [],
      http: ["storage"],
      control: [],
      faults: ["http", "control"],
      keys: ["control"],
      instance: [],
      svix: ["storage", "http", "control"],
      users: ["storage", "http", "control", "svix"],
      organizations: ["storage", "http", "svix", "users"],
      sessions: ["storage", "http", "control", "keys", "svix", "users", "organizations"],
      frontend: ["storage", "http", "keys", "users", "organizations", "sessions"],
    },
    wiring: ["context.ts", "double.ts", "environment.ts", "listen.ts", "main.ts"],
  },
];

/** The room of the house that contains a path, at any depth; undefined if none does. */
function roomOf(path: string, { folder }: House): string | undefined {
  return path.startsWith(folder) ? path.slice(folder.length).match(/^([^/]+)\//)?.[1] : undefined;
}

Deno.test("findCircle() finds files that import each other in a circle", () => {
  const imports = ["a b", "a d", "b c", "c b", "d e"].map((pair) => {
    const [file = "", path = ""] = pair.split(" ");
    return { file, path, specifier: `./${path}` };
  });
  assert.deepEqual(findCircle(imports), ["b", "c", "b"]);
  assert.equal(findCircle(imports.filter(({ file }) => file !== "c")), undefined);
});

for (const folder of ["supabase/functions", "local/clerk"]) {
  Deno.test(`no files of ${folder} import each other in a circle`, async () => {
    const imports = await readImports(await sourcesIn(folder));
    assert.ok(imports.length > 50);
    assert.equal(findCircle(imports), undefined);
  });
}

for (const house of houses) {
  Deno.test(`a room of ${house.folder} imports only its permitted rooms, and a file in no room imports none`, async () => {
    const imports = await readImports(await sourcesIn(house.folder));
    const known = new Set(imports.flatMap(({ file }) => roomOf(file, house) ?? []));
    assert.deepEqual([...known].sort(), Object.keys(house.rooms).sort());
    const wrong = imports.filter(({ file, path }) => {
      if (path === undefined || house.wiring.includes(file.slice(house.folder.length))) {
        return false;
      }
      const own = roomOf(file, house);
      const other = roomOf(path, house);
      return other !== undefined && other !== own && !house.rooms[own ?? ""]?.includes(other);
    });
    assert.deepEqual(wrong.map(({ file, specifier }) => `${file} imports ${specifier}`), []);
  });
}

async function sourcesIn(folder: string): Promise<string[]> {
  return (await listFiles(folder)).filter((file) => file.endsWith(".ts"));
}
