import assert from "node:assert/strict";
import { hashOf, parseManifest, renderManifest } from "../../cli/install/manifest.ts";

const manifest = {
  version: "0.1.0",
  schema: "public",
  prefix: "",
  files: { "supabase/functions/a/index.ts": hashOf("a\n") },
  migrations: { "20260101000000_a.sql": "supabase/migrations/0001_a.sql" },
  edits: { ".env.example": { created: true, hash: hashOf("A="), texts: [{ was: "", is: "A=" }] } },
};

Deno.test("a manifest is read as it was written", () => {
  const replaced = { commit: "0123456789", paths: ["supabase/functions/a/index.ts"] };
  for (const value of [manifest, { ...manifest, replaced }]) {
    assert.deepEqual(parseManifest(renderManifest(value)), value);
  }
});

for (
  const text of ["", "{", "[]", "{}", JSON.stringify({ ...manifest, files: 3 }), "<<<<<<< HEAD\n"]
) {
  Deno.test(`a manifest that cannot be read is refused in one line: ${text.slice(0, 20)}`, () => {
    assert.throws(
      () => parseManifest(text),
      /^Error: \S+manifest\.json cannot be read\. Restore[^\n]+$/,
    );
  });
}

Deno.test("a hash stands for a text, whatever its line ends", () => {
  assert.equal(hashOf("a\r\nb\r\n"), hashOf("a\nb\n"));
  assert.notEqual(hashOf("a\nb"), hashOf("a\nb\n"));
});
