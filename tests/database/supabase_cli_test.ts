import assert from "node:assert/strict";
import { supabase } from "./supabase_cli.ts";

const typesFile = new URL(
  "../../supabase/functions/_shared/database/database.types.ts",
  import.meta.url,
);

Deno.test("database.types.ts equals the output of `supabase gen types`", async () => {
  const generated = await supabase("gen", "types", "--schema", "public");
  assert.equal(await Deno.readTextFile(typesFile), generated, "Run `deno task types`");
});

Deno.test("`supabase db advisors` finds no security or performance problem", async () => {
  const found = await supabase("db", "advisors", "--type", "all", "--level", "info");
  const names = [...found.matchAll(/"name": "(.*)",\s+"title"/g)].map(([, name]) => name);
  // Which indexes have been used says only which tests have run, and how long ago.
  assert.deepEqual(names.filter((name) => name !== "unused_index"), [], found);
});

Deno.test("`supabase db push` finds nothing left to do", async () => {
  const pushed = await supabase("db", "push", "--dry-run");
  assert.match(pushed, /up to date/i, pushed);
});
