import fc from "fast-check";
import assert from "node:assert/strict";
import { decodeBase64, decodeBase64Url } from "../../supabase/functions/_shared/base64.ts";
import { base64Url } from "../support/clerk/session_tokens.ts";

Deno.test("both decoders return every byte", () => {
  fc.assert(
    fc.property(fc.uint8Array(), (bytes) => {
      assert.deepEqual([...decodeBase64(btoa(String.fromCharCode(...bytes)))], [...bytes]);
      assert.deepEqual([...decodeBase64Url(base64Url(bytes))], [...bytes]);
    }),
    { seed: 7 },
  );
});

Deno.test("both decoders throw if the text is not base64", () => {
  for (const text of ["a", "§", "AAA=A", '{"a":1}']) {
    assert.throws(() => decodeBase64(text));
    assert.throws(() => decodeBase64Url(text));
  }
});
