import assert from "node:assert/strict";
import { addToJournal, removeFromJournal } from "../../cli/install/drizzle_journal.ts";

const now = new Date("2026-11-29T12:00:00Z");

/** As drizzle-kit 0.31 writes it. */
const journal = {
  version: "7",
  dialect: "postgresql",
  entries: [
    { idx: 0, version: "7", when: 1730000000000, tag: "0000_brave_ant", breakpoints: true },
    { idx: 1, version: "7", when: 1730000000001, tag: "0001_shy_bee", breakpoints: true },
  ],
};
const tags = ["0002_clerk_sync_users", "0003_clerk_sync_purge"];

const forms = [
  ["two spaces", JSON.stringify(journal, null, 2)],
  ["two spaces and a final newline", `${JSON.stringify(journal, null, 2)}\n`],
  ["tabs", JSON.stringify(journal, null, "\t")],
  ["four spaces", JSON.stringify(journal, null, 4)],
  ["one line", JSON.stringify(journal)],
  ["CRLF", `${JSON.stringify(journal, null, 2)}\n`.replaceAll("\n", "\r\n")],
  ["no entries", JSON.stringify({ ...journal, entries: [] }, null, 2)],
] as const;

for (const [form, text] of forms) {
  Deno.test(`a journal with ${form} takes entries, and gives them back`, () => {
    const added = addToJournal(text, tags, now) ?? "";
    assert.equal(removeFromJournal(added, tags), text);
    assert.equal(added.includes("\r\n"), form === "CRLF");
    const first = form === "no entries" ? 0 : 2;
    assert.deepEqual(JSON.parse(added).entries.slice(first), [
      { idx: first, version: "7", when: now.getTime(), tag: tags[0], breakpoints: true },
      { idx: first + 1, version: "7", when: now.getTime() + 1, tag: tags[1], breakpoints: true },
    ]);
  });
}

Deno.test("entries follow one from the future", () => {
  const [, last] = journal.entries;
  const when = now.getTime() + 5_000;
  const text = JSON.stringify({ ...journal, entries: [{ ...last, when }] });
  const entries: { when: number }[] = JSON.parse(addToJournal(text, tags, now) ?? "").entries;
  assert.deepEqual(entries.map(({ when }) => when), [when, when + 1, when + 2]);
});

Deno.test("entries that the application has added since stay", () => {
  const added = JSON.parse(addToJournal(JSON.stringify(journal), tags, now) ?? "");
  const own = {
    idx: 4,
    version: "7",
    when: now.getTime() + 9,
    tag: "0004_old_cat",
    breakpoints: true,
  };
  const text = JSON.stringify({ ...added, entries: [...added.entries, own] });
  assert.deepEqual(JSON.parse(removeFromJournal(text, tags) ?? ""), {
    ...journal,
    entries: [...journal.entries, own],
  });
});

const odd = [
  "",
  "no JSON",
  "[]",
  "{}",
  '{"version":"7","entries":[{"tag":"a"}]}',
  '{"version": "7"}',
];

for (const text of [...odd, '{ "version": "7", "entries": [] }']) {
  Deno.test(`a journal of another form stays: ${JSON.stringify(text)}`, () => {
    assert.equal(addToJournal(text, tags, now), undefined);
    assert.equal(removeFromJournal(text, tags), undefined);
  });
}
