import fc from "fast-check";
import assert from "node:assert/strict";
import { type Change, describeChanges } from "../../cli/install/change.ts";
import { printedSeed } from "../support/random.ts";
import { inFolder, picture, put } from "./folders.ts";
import { gitEnvironment } from "../support/application/repository.ts";

function textsOf(changes: readonly Change[], side: "before" | "after"): Record<string, string> {
  return Object.fromEntries(changes.flatMap((change) => {
    const text = change[side];
    return text === null ? [] : [[change.path, text]];
  }));
}

/** Has git apply the printed patch, and shows that it makes the same files. */
async function assertApplies(changes: readonly Change[]): Promise<void> {
  await inFolder(async (folder) => {
    put(folder, { "README.md": "", ...textsOf(changes, "before") });
    const patch = describeChanges(changes);
    const child = new Deno.Command("git", {
      args: ["apply", "--unsafe-paths", "--whitespace=nowarn", "-"],
      cwd: folder,
      env: { ...gitEnvironment, GIT_CEILING_DIRECTORIES: folder },
      stdin: "piped",
      stderr: "piped",
    }).spawn();
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode(patch));
    await writer.close();
    const { success, stderr } = await child.output();
    assert.ok(success, `${new TextDecoder().decode(stderr)}\n${patch}`);
    const applied = picture(folder);
    await inFolder((other) => {
      put(other, { "README.md": "", ...textsOf(changes, "after") });
      const expected = picture(other);
      const files = (all: Record<string, string>) =>
        Object.entries(all).filter(([, kind]) => kind !== "folder").sort();
      assert.deepEqual(files(applied), files(expected));
    });
  });
}

const endings = [
  ["final newlines", "a\nb\n", "a\nb\nc\n"],
  ["no final newline before", "a\nb", "a\nb\nc\n"],
  ["no final newline after", "a\nb\n", "a\nb\nc"],
  ["no final newline at all", "a\nb", "a\nc"],
  ["CRLF", "a\r\nb\r\n", "a\r\nb\r\nc\r\n"],
  ["CRLF without a final one", "a\r\nb", "a\r\nb\r\nc\r\n"],
  ["mixed line ends", "a\r\nb\n", "a\nb\r\n"],
  ["an empty file before", "", "a\n"],
  ["an empty file after", "a\n", ""],
  ["empty lines at the end", "a\nb\nc\n\n\n", "b\nc\n\n\n"],
  ["a line of equals signs", "====\nIndex: a\n", "====\nIndex: b\n====\n"],
] as const;

for (const [what, before, after] of endings) {
  Deno.test(`git applies a printed change with ${what}`, async () => {
    await assertApplies([{ path: "supabase/config.toml", before, after }]);
  });
}

Deno.test("git applies new and removed files, and names with spaces", async () => {
  await assertApplies([
    { path: ".env.example", before: null, after: "A=\n" },
    { path: "supabase/functions/a b/index.ts", before: "a\n", after: null },
    { path: "supabase/functions/a b/new.ts", before: null, after: "a" },
    { path: "supabase/functions/a b/other.ts", before: "a\n", after: "b\n" },
    { path: "supabase/functions/empty.ts", before: null, after: "" },
    { path: "supabase/functions/gone.ts", before: "", after: null },
    { path: "supabase/functions/é.ts", before: "a", after: null },
  ]);
});

Deno.test("git applies any printed change", async () => {
  const line = fc.constantFrom("a", "b", "", " ", "+a", "-b", "@@ -1 +1 @@", "--- a/x", "é");
  const text = fc.tuple(
    fc.array(line, { maxLength: 12 }),
    fc.constantFrom("\n", "\r\n"),
    fc.boolean(),
  )
    .map(([lines, end, final]) => lines.join(end) + (final ? end : ""));
  const change = fc.record({ before: fc.option(text), after: fc.option(text) });
  await fc.assert(
    fc.asyncProperty(fc.array(change, { minLength: 8, maxLength: 8 }), async (list) => {
      await assertApplies(
        list.filter(({ before, after }) => before !== after)
          .map((change, index) => ({ path: `folder/${index}.txt`, ...change })),
      );
    }),
    { seed: printedSeed("Changes"), numRuns: 15 },
  );
});
