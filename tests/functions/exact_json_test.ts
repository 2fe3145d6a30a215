import fc from "fast-check";
import assert from "node:assert/strict";
import { parseExactJson } from "../../supabase/functions/_shared/facts/exact_json.ts";

const kept = [
  "1234567890123456789",
  "-1234567890123456789",
  "9007199254740993",
  "0.12345678901234567891",
  "1700000000000.0000001",
  "10000000000000000000001e-21",
  "1e400",
  "-1e400",
  "1E-400",
  "1e21",
];

for (const number of kept) {
  Deno.test(`parseExactJson() keeps ${number} in every place`, () => {
    assert.equal(JSON.stringify(parseExactJson(number)), number);
    for (const text of [`[${number}]`, `{"n":${number}}`, `[1,[${number},"x"],{"n":${number}}]`]) {
      assert.equal(JSON.stringify(parseExactJson(text)), text);
    }
    assert.deepEqual(parseExactJson(`[\n  ${number} , "1" ]`), [JSON.rawJSON(number), "1"]);
  });
}

const ordinary = [
  ["0", 0],
  ["1.5", 1.5],
  ["1700000000000", 1_700_000_000_000],
  ["17E+11", 1_700_000_000_000],
  ["1700000000000.00000000", 1_700_000_000_000],
  ["9007199254740991", Number.MAX_SAFE_INTEGER],
  ["0.1", 0.1],
] as const;

for (const [text, number] of ordinary) {
  Deno.test(`parseExactJson() returns ${text} as an ordinary number`, () => {
    assert.equal(parseExactJson(text), number);
    assert.deepEqual(parseExactJson(`[${text},1e400]`), [number, JSON.rawJSON("1e400")]);
  });
}

for (const text of ["", "{", "1e", "{'a':1}", "1e400x", "[1e400", "NaN", "01e5", "\uFEFF1e400"]) {
  Deno.test(`parseExactJson() throws a SyntaxError for ${JSON.stringify(text)}`, () => {
    assert.throws(() => parseExactJson(text), SyntaxError);
  });
}

Deno.test("parseExactJson() changes nothing else, not even __proto__ or repeated keys", () => {
  const texts = fc.json({ stringUnit: "binary" });
  fc.assert(
    fc.property(texts, (text) => {
      const value = parseExactJson(`{"__proto__":${text},"b":1,"n":1e400,"b":${text}}`);
      const plain = JSON.parse(`{"__proto__":${text},"b":1,"n":"1e400","b":${text}}`);
      assert.equal(JSON.stringify(value), JSON.stringify(plain).replace('"1e400"', "1e400"));
    }),
    { seed: 5, numRuns: 1000 },
  );
});
