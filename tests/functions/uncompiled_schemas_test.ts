import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import "../../supabase/functions/_shared/uncompiled_schemas.ts";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";

Deno.test("parsing compiles no code", () => {
  const compiled: unknown[] = [];
  const original = globalThis.Function;
  globalThis.Function = new Proxy(original, {
    construct(target, source) {
      compiled.push(source);
      return Reflect.construct(target, source);
    },
  });
  try {
    assert.ok(clerkUser.safeParse(clerkUserJson({ id: "user_ada" })).success);
  } finally {
    globalThis.Function = original;
  }
  assert.deepEqual(compiled, []);
});

for (const name of ["clerk-webhook", "users-me", "users-sync"]) {
  Deno.test(`${name} makes no schema before that is settled`, async () => {
    const index = new URL(`../../supabase/functions/${name}/index.ts`, import.meta.url);
    const [first] = (await Deno.readTextFile(fileURLToPath(index))).split("\n");
    assert.equal(first, 'import "../_shared/uncompiled_schemas.ts";');
  });
}
