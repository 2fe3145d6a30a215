import { ratioOf, reachOf, type Row } from "./figures.ts";

/** Pixels. */
const width = 980;
const left = 470;
const line = 34;
const top = 64;
/** A bar of this length is a ratio of 1. */
const one = 110;

const style = `
  text { font-family: system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif; font-size: 13px; fill: #1f2328; }
  .title { font-weight: 600; font-size: 15px; }
  .small { font-size: 12px; fill: #59636e; }
  .end { text-anchor: end; }
  .paper { fill: #ffffff; stroke: #d1d9e0; }
  .good { fill: #54aeff; }
  .missed { fill: #ff8182; }
  .target { stroke: #1f2328; stroke-width: 2; }
  .base { stroke: #8c959f; stroke-dasharray: 3 3; }`;

/** Draws how often ours is theirs, with a mark where the target is. */
export function drawPlot(rows: readonly Row[]): string {
  const height = top + rows.length * line + 20;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-labelledby="title">
  <title id="title">Ours as a ratio of the peer or the floor, with each target</title>
  <style>${style}
  </style>
  <rect class="paper" x="0.5" y="0.5" width="${width - 1}" height="${height - 1}" rx="6" />
  <text class="title" x="20" y="30">Ours / theirs</text>
  <text class="small" x="${left}" y="50">1 = theirs</text>
  <line class="base" x1="${left + one}" y1="${top - 8}" x2="${left + one}" y2="${height - 14}" />
${rows.map(drawRow).join("\n")}
</svg>
`;
}

function drawRow(row: Row, index: number): string {
  const y = top + index * line;
  const ratio = ratioOf(row);
  // A bar that is too long for the picture is cut: its number says the rest.
  const length = (value: number) => Math.min(value * one, width - left - 70);
  const mark = targetOf(row);
  return [
    `  <text class="end" x="${left - 10}" y="${y + 13}">${escape(row.what)}</text>`,
    `  <text class="small end" x="${left - 10}" y="${y + 26}">${escape(caption(row))}</text>`,
    `  <rect class="${reachOf(row) >= 1 ? "good" : "missed"}" x="${left}" y="${y + 3}" width="${
      length(ratio).toFixed(1)
    }" height="18" />`,
    ...(mark === undefined ? [] : [
      `  <line class="target" x1="${left + length(mark)}" y1="${y}" x2="${
        left + length(mark)
      }" y2="${y + 24}" />`,
    ]),
    `  <text x="${left + length(Math.max(ratio, mark ?? 0)) + 8}" y="${y + 17}">${
      ratio.toFixed(2)
    }</text>`,
  ].join("\n");
}

function caption({ against, unit, target }: Row): string {
  const direction = unit === "per second" ? "more is better" : "less is better";
  return target === undefined
    ? `against ${against}, ${direction}`
    : `against ${against}, ${direction}, target ${targetText(target)}`;
}

function targetText(target: NonNullable<Row["target"]>): string {
  return "atLeast" in target ? `≥ ${target.atLeast}` : `≤ ${target.atMost}`;
}

function targetOf({ target }: Row): number | undefined {
  if (target === undefined) return undefined;
  return "atLeast" in target ? target.atLeast : target.atMost;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
