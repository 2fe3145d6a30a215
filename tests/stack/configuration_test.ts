import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { discoverFunctions } from "../../local/functions/configuration.ts";
import { concerns } from "../../local/functions/watch.ts";
import { withFolder } from "./temporary.ts";

async function write(folder: string, files: Record<string, string>) {
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(dirname(join(folder, path)), { recursive: true });
    await Deno.writeTextFile(join(folder, path), text);
  }
}

Deno.test("discoverFunctions() finds folders with an index.ts, even without a config.toml", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "supabase/functions/hello/index.ts": "",
      "supabase/functions/_shared/index.ts": "",
      "supabase/functions/.hidden/index.ts": "",
      "supabase/functions/empty/readme.md": "",
    });
    assert.deepEqual(await discoverFunctions(folder), [{
      name: "hello",
      entrypoint: join(folder, "supabase/functions/hello/index.ts"),
      importMap: join(folder, "import_map.json"),
    }]);
  });
});

Deno.test("discoverFunctions() follows config.toml", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "supabase/functions/off/index.ts": "",
      "supabase/functions/on/index.ts": "",
      "supabase/functions/moved/main.ts": "",
      "supabase/config.toml": `
        enabled = false # of no function
        [functions.off]
        enabled = false
        [functions."on"]
        enabled = true # commented
        import_map = "./on_map.json"
        [api]
        enabled = false
        [functions.moved]
        entrypoint = './functions/moved/main.ts'
        [functions.gone]
        verify_jwt = false`,
    });
    const found = await discoverFunctions(folder);
    assert.deepEqual(found.map(({ name }) => name), ["moved", "on"]);
    assert.equal(found[0]?.entrypoint, join(folder, "supabase/functions/moved/main.ts"));
    assert.equal(found[1]?.importMap, join(folder, "supabase/on_map.json"));
  });
});

Deno.test("discoverFunctions() reads every form of a TOML section", async () => {
  await withFolder(async (folder) => {
    await write(folder, {
      "supabase/functions/one/index.ts": "",
      "supabase/functions/two/index.ts": "",
      "supabase/config.toml": `
        functions.one = { enabled = false }
        functions.two.enabled = true
        functions.two.import_map = """../two.json"""`,
    });
    const found = await discoverFunctions(folder);
    assert.deepEqual(found.map(({ name, importMap }) => [name, importMap]), [
      ["two", join(folder, "two.json")],
    ]);
  });
});

Deno.test("a config.toml that is invalid or has wrong types fails with one line", async () => {
  const broken: readonly (readonly [string, RegExp])[] = [
    ["[functions.a\nenabled = true", /^supabase\/config\.toml cannot be read: [^\n]+$/],
    ["[functions.a]\nenabled = 'maybe'", /^supabase\/config\.toml cannot be read: [^\n]+$/],
  ];
  for (const [text, message] of broken) {
    await withFolder(async (folder) => {
      await write(folder, { "supabase/functions/a/index.ts": "", "supabase/config.toml": text });
      await assert.rejects(discoverFunctions(folder), { message });
    });
  }
});

Deno.test("a change restarts the function in whose folder it is, or all functions", () => {
  const cases = {
    "supabase/functions/users-me/handler.ts": { name: "users-me" },
    "supabase/functions/users-me/deep/data.json": { name: "users-me" },
    "supabase/functions/added": { name: "added" },
    "supabase/functions/_shared/http/body.ts": "all",
    "supabase/functions/.env": "all",
    "supabase/config.toml": "all",
    "import_map.json": "all",
    "supabase/functions/users-me/.handler.ts.swp": undefined,
    "supabase/functions/users-me/handler.ts~": undefined,
    "supabase/migrations/1_users.sql": undefined,
    "supabase/.temp/config.toml": undefined,
    "README.md": undefined,
  };
  for (const [path, change] of Object.entries(cases)) {
    assert.deepEqual(concerns(path), change, path);
  }
});
