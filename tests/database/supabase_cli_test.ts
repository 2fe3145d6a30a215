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
  assert.ok(!found.includes('"name"'), found);
});

Deno.test("`supabase db push` finds nothing left to do", async () => {
  const pushed = await supabase("db", "push", "--dry-run");
  assert.match(pushed, /up to date/i, pushed);
});
