import assert from "node:assert/strict";
import { parsePrefix } from "../../cli/install/prefix.ts";

for (const [text, prefix] of [["app", "app-"], ["app-", "app-"], ["a1-b", "a1-b-"], ["x", "x-"]]) {
  Deno.test(`--prefix ${text} puts ${prefix} in front of the functions' names`, () => {
    assert.equal(parsePrefix(text ?? ""), prefix);
  });
}

for (
  const text of [
    "",
    "-",
    "1a",
    "App",
    "a_b",
    "a/b",
    "../a",
    "_shared",
    "a b",
    "ä",
    "a--",
    "a".repeat(40),
  ]
) {
  Deno.test(`--prefix ${JSON.stringify(text)} is refused`, () => {
    assert.throws(
      () => parsePrefix(text),
      /^Error: --prefix must begin with a letter[^\n]+, 32 at most$/,
    );
  });
}
