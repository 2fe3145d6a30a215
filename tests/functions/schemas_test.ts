import assert from "node:assert/strict";
import { clerkUser } from "../../supabase/functions/_shared/clerk/user.ts";
import { clerkUserJson } from "../support/clerk/user_json.ts";

// A cold start pays more for compiling a schema than a busy isolate wins.
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
