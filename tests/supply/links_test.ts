import assert from "node:assert/strict";
import { anchorsIn, complaintAbout, linksIn } from "./links.ts";
import { listFiles, readText } from "./tree.ts";

const files = (await listFiles()).filter((file) => file.endsWith(".md"));

const sample = `# First "quoted" heading
## \`a_name()\` and more
## Twice
## Twice
\`\`\`sh
# no heading [no link](nowhere.md)
\`\`\`
[a](other.md#there), \`[not](this.md)\` and ![picture](<pictures/one.svg> "title")
| [in a table](../up.md) | [outside](https://example.com/a#b) | [own](#twice-1) |

[by name]: named.md
`;

Deno.test("links and headings are read as GitHub reads them", () => {
  assert.deepEqual(linksIn("docs/page.md", sample).map(({ path, anchor }) => [path, anchor]), [
    ["docs/other.md", "there"],
    ["docs/pictures/one.svg", undefined],
    ["up.md", undefined],
    ["docs/page.md", "twice-1"],
    ["docs/named.md", undefined],
  ]);
  assert.deepEqual([...anchorsIn(sample)], [
    "first-quoted-heading",
    "a_name-and-more",
    "twice",
    "twice-1",
  ]);
});

Deno.test("a broken link is noticed", async () => {
  const complaints = await Promise.all(
    ["docs", "no.md", "#no-such-heading", "import_map.json#a", "../outside"]
      .flatMap((target) => linksIn("README.md", `[a](${target})`)).map(complaintAbout),
  );
  assert.deepEqual(complaints, [
    undefined,
    "leads nowhere",
    "names no heading",
    "names a heading of a file without headings",
    "leads out of the project",
  ]);
});

Deno.test("every link between documents works", async () => {
  const wrong: string[] = [];
  let links = 0;
  for (const file of files) {
    for (const link of linksIn(file, await readText(file) ?? "")) {
      links++;
      const complaint = await complaintAbout(link);
      if (complaint !== undefined) wrong.push(`${file}: ${link.target} ${complaint}`);
    }
  }
  assert.ok(files.length > 20 && links > 50);
  assert.deepEqual(wrong, []);
});

Deno.test("every page of docs is linked from the README or docs/README.md", async () => {
  const linked = new Set<string>();
  for (const file of ["README.md", "docs/README.md"]) {
    for (const { path } of linksIn(file, await readText(file) ?? "")) linked.add(path);
  }
  const pages = files.filter((file) => /^docs\/[^/]+\.md$/.test(file));
  assert.deepEqual(pages.filter((page) => !linked.has(page) && page !== "docs/README.md"), []);
});

Deno.test("the README has at most 200 lines", async () => {
  const lines = (await readText("README.md") ?? "").trimEnd().split("\n").length;
  assert.ok(lines > 100 && lines <= 200, `${lines} lines`);
});
