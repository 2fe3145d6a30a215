import fc from "fast-check";
import assert from "node:assert/strict";
import { applyEdits, takeBackEdits } from "../../cli/install/configuration.ts";
import { missingVariables } from "../../cli/install/env_example.ts";
import { printedSeed } from "../support/random.ts";

const heading =
  "# Clerk sync: secrets of the Edge Functions. Fill them in in supabase/functions/.env, never here\n";
const key = "# Clerk dashboard: Configure, API keys. sk_test_… or sk_live_…\nCLERK_SECRET_KEY=\n";
const secret =
  "# Clerk dashboard: Configure, Webhooks, your endpoint, signing secret. whsec_…\nCLERK_WEBHOOK_SECRET=\n";

const cases = [
  ["no file", undefined, heading + key + secret],
  ["an empty file", "", heading + key + secret],
  ["a file", "A=1\n", `\n${heading}${key}${secret}`],
  ["a file without a final newline", "A=1", `\n\n${heading}${key}${secret}`],
  ["a file with CRLF", "A=1\r\n", `\n${heading}${key}${secret}`.replaceAll("\n", "\r\n")],
  ["a file with one of them", "CLERK_SECRET_KEY=sk_test_…\n", `\n${heading}${secret}`],
  ["a file with one exported", "export CLERK_WEBHOOK_SECRET=\n", `\n${heading}${key}`],
  ["a file with one in a comment", "  # CLERK_SECRET_KEY = ?\n", `\n${heading}${secret}`],
  [
    "names that only resemble them",
    "NEXT_CLERK_SECRET_KEY=\nCLERK_SECRET_KEYS=\n",
    `\n${heading}${key}${secret}`,
  ],
  ["both", "CLERK_SECRET_KEY=a\nCLERK_WEBHOOK_SECRET=b\n", ""],
] as const;

for (const [what, text, added] of cases) {
  Deno.test(`the example of variables gets what it lacks: ${what}`, () => {
    assert.equal(missingVariables(text), added);
  });
}

Deno.test("no value is changed, and what is added can be taken back", () => {
  const line = fc.constantFrom(
    "CLERK_SECRET_KEY=a",
    "CLERK_WEBHOOK_SECRET='b'",
    "# c",
    "",
    "D=e",
    "\t",
  );
  const text = fc.tuple(fc.array(line), fc.constantFrom("\n", "\r\n"), fc.boolean())
    .map(([lines, end, final]) => lines.join(end) + (final ? end : ""));
  fc.assert(
    fc.property(text, (text) => {
      const is = missingVariables(text);
      const after = text + is;
      assert.equal(missingVariables(after), "");
      for (const name of ["CLERK_SECRET_KEY", "CLERK_WEBHOOK_SECRET"]) {
        if (text.includes(name)) assert.ok(!is.includes(`${name}=`));
      }
      if (is === "") return;
      const edits = [{ was: "", is }];
      assert.equal(takeBackEdits(applyEdits(text, edits), edits), text);
    }),
    { seed: printedSeed("Examples of variables"), numRuns: 500 },
  );
});
