import type { Frame } from "./tree.ts";

export interface Graph {
  readonly label: string;
  readonly tree: Frame;
}

const width = 1000;
const rowHeight = 15;
const titleHeight = 34;
/** Narrower frames are left out. */
const narrowest = 2;

/** Draws flame graphs one below the other. Each one's widths are shares of its own time. */
export function drawFlameGraphs(graphs: readonly Graph[]): string {
  let y = 0;
  const parts = graphs.flatMap(({ label, tree }) => {
    const scale = width / tree.time;
    const title = `<text class="title" x="0" y="${y + 22}">${escape(label)}</text>`;
    const drawn = frames(tree, 0, y + titleHeight, scale);
    y += titleHeight + depthOf(tree, scale) * rowHeight;
    return [title, ...drawn];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${y + 6}">
<style>text{font:10px sans-serif;fill:#222}.title{font-size:14px;font-weight:bold}rect{stroke:#fff;stroke-width:.5}</style>
<rect width="100%" height="100%" fill="#fff"/>
${parts.join("\n")}
</svg>
`;
}

function frames({ name, time, calls }: Frame, x: number, y: number, scale: number): string[] {
  const size = time * scale;
  if (size < narrowest) return [];
  const title = `<title>${escape(name)}: ${(size / width * 100).toFixed(1)} %</title>`;
  const shown = name.slice(0, Math.floor(size / 6));
  const text = shown.length < 3
    ? ""
    : `<text x="${round(x + 2)}" y="${y + 11}">${escape(shown)}</text>`;
  const rect = `<rect x="${round(x)}" y="${y}" width="${round(size)}" height="${rowHeight}" fill="${
    colourOf(name)
  }"/>`;
  let left = x;
  const below = [...calls.values()].sort((a, b) => b.time - a.time).flatMap((call) => {
    const drawn = frames(call, left, y + rowHeight, scale);
    left += call.time * scale;
    return drawn;
  });
  return [`<g>${title}${rect}${text}</g>`, ...below];
}

function depthOf({ time, calls }: Frame, scale: number): number {
  if (time * scale < narrowest) return 0;
  return 1 + Math.max(0, ...[...calls.values()].map((call) => depthOf(call, scale)));
}

/** Deno's own calls are blue, the collector grey, all else is warm. */
function colourOf(name: string): string {
  if (name.startsWith("op_")) return "#9ecae1";
  if (name.startsWith("(")) return "#cccccc";
  return "#fdbf6f";
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
