import fc from "fast-check";
import assert from "node:assert/strict";
import { parse } from "smol-toml";
import {
  applyEdits,
  editConfiguration,
  sectionOf,
  takeBackEdits,
} from "../../cli/install/configuration.ts";
import { printedSeed } from "../support/random.ts";

const names = ["clerk-webhook", "users-me", "users-sync"];
const seed = printedSeed("Configurations");

const space = fc.constantFrom("", "", "", " ", "\t");
const comment = fc.constantFrom(
  "# a comment",
  "#[functions.users-me]",
  "# [functions.users-sync]",
  "# verify_jwt = true",
  "",
  "  # é, 🎉 and $& and $1",
);
const value = fc.constantFrom(
  "true",
  "3",
  '"text # no comment"',
  "'[functions.users-me]'",
  '[\n  "a", # one\n  "b",\n]',
  '"""\n[functions.other]\nverify_jwt = true\n"""',
  "{ a = 1, b = [2] }",
  "'''\n# no comment\n'''",
);

/** Lines of a function's section, of which some are as they must be. */
const functionLines = fc.constantFrom(...names).chain((name) =>
  fc.record({
    header: fc.constantFrom(
      `[functions.${name}]`,
      `[functions."${name}"]`,
      `[ functions . '${name}' ]`,
      `[functions.${name}] # mine`,
    ),
    lines: fc.shuffledSubarray([
      "verify_jwt = false",
      "verify_jwt=false # mine",
      "enabled = true",
      `import_map = "./functions/${name}/deno.json"`,
      `import_map = 'functions/${name}/deno.json'`,
      `entrypoint = "./functions/${name}/index.ts"`,
      "# verify_jwt = true",
      "",
      'static_files = [\n  "./a/*.html",\n]',
    ]),
    contradiction: fc.option(
      fc.constantFrom("verify_jwt = true", "enabled = false", 'import_map = "./a.json"'),
      { freq: 12 },
    ),
  }).map(({ header, lines, contradiction }) => {
    const all = contradiction === null ? lines : [...lines, contradiction];
    const keys = new Set<string>();
    // A key may be there once.
    const once = all.filter((line) => {
      const key = /^(\w+)/.exec(line)?.[1];
      if (key === undefined) return true;
      return !keys.has(key) && keys.add(key);
    });
    return { name: header.replace(/["' ]|#.*/g, ""), lines: [header, ...once] };
  })
);

const otherLines = fc.nat(99).chain((number) =>
  fc.record({
    header: fc.constantFrom(
      `[other_${number}]`,
      `[[list_${number}]]`,
      `[functions.other-${number}]`,
      `[remotes.r${number}.functions.users-me]`,
      `[ "other ${number}" ] # mine`,
    ),
    lines: fc.array(fc.oneof(comment, value.map((text) => `key = ${text}`)), { maxLength: 4 }),
  }).map(({ header, lines }) => ({
    name: header,
    lines: [
      header,
      ...lines.filter((line, at) =>
        !line.startsWith("key") || lines.findIndex((one) => one.startsWith("key")) === at
      ),
    ],
  }))
);

const configuration = fc.record({
  top: fc.array(comment, { maxLength: 3 }),
  sections: fc.uniqueArray(fc.oneof(functionLines, otherLines), {
    maxLength: 7,
    selector: ({ name }) => name,
  }),
  indentation: space,
  end: fc.constantFrom("\n", "\r\n"),
  final: fc.constantFrom("", "\n", "\n\n", "\n# the end", "\n \t\n"),
}).map(({ top, sections, indentation, end, final }) =>
  ([...top, ...sections.flatMap(({ lines }) => lines)].map((line) =>
    line.startsWith("[") ? indentation + line : line
  ).join("\n") + final).replaceAll("\n", end)
);

/** The values of a configuration without the functions' own. */
function othersIn(text: string): unknown {
  const { functions, ...rest } = structuredCloneOf(parse(text));
  const others = Object.entries(typeof functions === "object" ? functions ?? {} : {})
    .filter(([name]) => !names.includes(name));
  return { ...rest, functions: Object.fromEntries(others) };
}

function structuredCloneOf(value: unknown): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value));
}

Deno.test("whatever a configuration looks like: it is completed, nothing else changes, and it can be taken back", () => {
  let edited = 0;
  let refused = 0;
  fc.assert(
    fc.property(configuration, (text) => {
      let edits: ReturnType<typeof editConfiguration>;
      try {
        edits = editConfiguration(text, names);
      } catch (error) {
        assert.match(String(error), /^Error: \[functions\..*try again$/);
        refused++;
        return;
      }
      edited++;
      const after = applyEdits(text, edits);
      assert.equal(takeBackEdits(after, edits), text);
      assert.deepEqual(othersIn(after), othersIn(text));
      const functions = structuredCloneOf(parse(after)["functions"]);
      for (const name of names) {
        const section = structuredCloneOf(functions[name]);
        for (const [key, value] of Object.entries(sectionOf(name))) {
          assert.equal(String(section[key]).replace(/^(?=functions)/, "./"), String(value));
        }
      }
      const lines = after.split("\n");
      for (const line of text.split("\n").slice(0, -1)) {
        const at = lines.indexOf(line);
        assert.ok(at >= 0, `${line} is gone, or out of order`);
        lines.splice(0, at + 1);
      }
      assert.deepEqual(editConfiguration(after, names), []);
    }),
    { seed, numRuns: 1_000 },
  );
  assert.ok(edited > 500 && refused > 5, `${edited} edited, ${refused} refused`);
});
