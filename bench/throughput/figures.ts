/** One line of the table: ours, compared with something. */
export interface Row {
  readonly what: string;
  readonly against: string;
  readonly unit: "per second" | "ms" | "µs" | "MiB" | "KB";
  readonly ours: number;
  readonly theirs: number;
  /** The ratio of ours to theirs that is to be reached; undefined if it is only shown. */
  readonly target?: { readonly atLeast: number } | { readonly atMost: number };
}

/** What an answer costs in CPU, in a burst. */
export function cpuRow(
  what: string,
  ours: { readonly cpu: number },
  theirs: { readonly cpu: number },
  against: string,
): Row {
  return {
    what: `${what}, 64 connections: CPU`,
    against,
    unit: "µs",
    ours: ours.cpu,
    theirs: theirs.cpu,
  };
}

export function ratioOf({ ours, theirs }: Row): number {
  return ours / theirs;
}

/** How far a ratio reaches its target: 1 and more is reached. */
export function reachOf(row: Row): number {
  const ratio = ratioOf(row);
  if (row.target === undefined) return Infinity;
  return "atLeast" in row.target ? ratio / row.target.atLeast : row.target.atMost / ratio;
}

/** The table, in Markdown. */
export function renderTable(rows: readonly Row[]): string {
  const cells = rows.map((row) => [
    row.what,
    row.against,
    targetText(row),
    ratioOf(row).toFixed(2),
    reachOf(row) >= 1 ? "" : "missed",
    `${round(row.ours)} / ${round(row.theirs)} ${row.unit}`,
  ]);
  const heads = ["what", "against", "to reach", "ratio", "", "measured"];
  return [heads, heads.map(() => "---"), ...cells].map((line) => `| ${line.join(" | ")} |`).join(
    "\n",
  );
}

function targetText({ target }: Row): string {
  if (target === undefined) return "";
  return "atLeast" in target ? `≥ ${target.atLeast}` : `≤ ${Number(target.atMost.toFixed(2))}`;
}

function round(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(1);
}
