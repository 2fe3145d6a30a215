import { dirname, join, normalize } from "node:path";
import { checkout } from "../../local/options.ts";
import { readText } from "./tree.ts";

/** A relative link in a Markdown file. */
export interface Link {
  readonly target: string;
  /** The path from the checkout's root. */
  readonly path: string;
  readonly anchor: string | undefined;
}

/** A Markdown text without its code blocks, which contain no links and no headings. */
function withoutBlocks(text: string): string {
  return text.replaceAll(/^ *(```|~~~)[\s\S]*?^ *\1 *$/gm, "");
}

/** A file's links to other files of the project and to its own headings, including pictures. */
export function linksIn(file: string, text: string): Link[] {
  const prose = withoutBlocks(text).replaceAll(/`[^`\n]*`/g, "code");
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const referenced = [...prose.matchAll(/^ *\[[^\]]+\]:\s*<?([^\s>]+)>?/gm)];
  return [...inline, ...referenced]
    .map(([, target]) => target ?? "")
    .filter((target) => !/^[a-z][a-z\d+.-]*:/i.test(target))
    .map((target) => {
      const [path = "", anchor] = target.split("#", 2);
      return { target, path: path ? normalize(join(dirname(file), path)) : file, anchor };
    });
}

/** The anchors that GitHub gives a Markdown file's headings. */
export function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading = ""] of withoutBlocks(text).matchAll(/^#{1,6} +(.+?) *#*$/gm)) {
    const plain = heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1").toLowerCase();
    const slug = plain.replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc} -]/gu, "").replaceAll(" ", "-");
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${count}`;
    anchors.add(anchor);
  }
  return anchors;
}

/** What is wrong with a link; undefined if it works. */
export async function complaintAbout({ path, anchor }: Link): Promise<string | undefined> {
  if (path.startsWith("..")) return "leads out of the project";
  try {
    const { isDirectory } = await Deno.stat(join(checkout, path));
    if (anchor === undefined) return undefined;
    if (isDirectory || !path.endsWith(".md")) return "names a heading of a file without headings";
  } catch {
    return "leads nowhere";
  }
  return anchorsIn(await readText(path) ?? "").has(anchor) ? undefined : "names no heading";
}
