import fc from "fast-check";
import assert from "node:assert/strict";
import {
  storableJson as storable,
  storableText,
} from "../../supabase/functions/_shared/facts/storable.ts";

function storableJson(value: unknown, problems: string[] = []) {
  return storable(value, (problem) => problems.push(problem));
}

/** Arrays nested this deep. */
function nested(depth: number): unknown {
  return JSON.parse("[".repeat(depth) + "]".repeat(depth));
}

const texts = [
  ["", ""],
  ["Ada", "Ada"],
  ["a\0b\0", "a\uFFFDb\uFFFD"],
  ["\uD800", "\uFFFD"],
  ["a\uDC00b", "a\uFFFDb"],
  ["\uDC00\uD800", "\uFFFD\uFFFD"],
  ["👩🏽‍🚀", "👩🏽‍🚀"],
  ["\u0001\u001F\u007F", "\u0001\u001F\u007F"],
] as const;

for (const [text, stored] of texts) {
  Deno.test(`storableText() turns ${JSON.stringify(text)} into ${JSON.stringify(stored)}`, () => {
    assert.equal(storableText(text), stored);
  });
}

Deno.test("storableJson() makes texts and keys storable at every level", () => {
  assert.deepEqual(
    storableJson({ "a\0": ["\uD800", { "\uDC00": "x\0" }] }),
    { "a\uFFFD": ["\uFFFD", { "\uFFFD": "x\uFFFD" }] },
  );
});

Deno.test("storableJson() keeps a key named __proto__", () => {
  const stored = storableJson(JSON.parse('{"__proto__":{"admin":true},"constructor":1}'));
  assert.equal(JSON.stringify(stored), '{"__proto__":{"admin":true},"constructor":1}');
  assert.ok(typeof stored === "object" && stored !== null);
  assert.equal(Object.getPrototypeOf(stored), Object.prototype);
  assert.ok(!("admin" in {}));
});

Deno.test("storableJson() accepts 64 levels and no more", () => {
  assert.deepEqual(storableJson(nested(65)), nested(65));
  assert.equal(storableJson(nested(66)), undefined);
  assert.equal(storableJson({ deep: nested(65) }), undefined);
  assert.equal(storableJson([1, nested(65), 2]), undefined);
});

Deno.test("storableJson() does not exhaust the stack, however deep the value", () => {
  assert.equal(storableJson(nested(100_000)), undefined);
});

Deno.test("storableJson() never throws, and PostgreSQL accepts its result", () => {
  const anyText = fc.string({ unit: fc.nat(0xffff).map((code) => String.fromCharCode(code)) });
  const text = fc.oneof(anyText, fc.constantFrom("\0", "\uD800", "\uDFFF", "__proto__", "a\0"));
  const json = fc.jsonValue({ stringUnit: "binary" });
  const value = fc.oneof(
    json,
    fc.dictionary(text, fc.oneof(text, json)),
    fc.array(fc.dictionary(text, text)),
    fc.anything({ key: text }),
  );
  let kept = 0;
  fc.assert(
    fc.property(value, (given) => {
      const stored = storableJson(given);
      if (stored === undefined) return;
      kept++;
      const written = JSON.stringify(stored);
      assert.ok(!/\\u0000|\\ud[89a-f]/i.test(written.replaceAll("\\\\", "")), written);
      assert.deepEqual(storableJson(JSON.parse(written)), JSON.parse(written));
    }),
    { seed: 3, numRuns: 2000 },
  );
  assert.ok(kept > 1000, "most values can be stored");
});

Deno.test("storableJson() changes nothing that PostgreSQL accepts unchanged", () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: "grapheme", maxDepth: 8 }), (given) => {
      fc.pre(!JSON.stringify(given).includes("\\u0000"));
      assert.equal(JSON.stringify(storableJson(given)), JSON.stringify(given));
    }),
    { seed: 4, numRuns: 1000 },
  );
});

const storableNumbers = [
  "1234567890123456789",
  "-0.12345678901234567891",
  "1e400",
  "1e131071",
  "0.001e131074",
  "123e-16383",
  "1.5e-16382",
  "0e131073",
  "0e999999",
];

for (const number of storableNumbers) {
  Deno.test(`storableJson() keeps ${number} unchanged`, () => {
    const value = [{ n: JSON.rawJSON(number) }];
    assert.equal(JSON.stringify(storableJson(value)), `[{"n":${number}}]`);
  });
}

const refusedNumbers = [
  "1e131072",
  "-10e131071",
  "0.001e131075",
  "1e-16384",
  "1.5e-16383",
  "0e-16384",
  "0e99999999999",
  "1e999999999999999999999",
];

for (const number of refusedNumbers) {
  Deno.test(`storableJson() refuses ${number}, as PostgreSQL does`, () => {
    const problems: string[] = [];
    assert.equal(storableJson([{ n: JSON.rawJSON(number) }], problems), undefined);
    assert.deepEqual(problems, ["Number is beyond PostgreSQL's numeric"]);
  });
}

Deno.test("storableJson() refuses numbers that JSON lacks, and turns none into null", () => {
  for (const number of [Infinity, -Infinity, NaN]) {
    assert.equal(storableJson({ n: number }), undefined);
  }
});
