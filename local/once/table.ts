/** Renders rows as a table of text. Values wider than `widest` are cut. */
export function renderTable(
  columns: string[],
  rows: Record<string, unknown>[],
  widest = 34,
): string {
  const cells = rows.map((row) => columns.map((column) => shorten(render(row[column]), widest)));
  const widths = columns.map((column, index) =>
    Math.max(column.length, ...cells.map((row) => row[index]?.length ?? 0))
  );
  const line = (row: string[]) =>
    `  ${row.map((cell, index) => cell.padEnd(widths[index] ?? 0)).join("  ")}`.trimEnd();
  return [
    line(columns),
    line(widths.map((width) => "-".repeat(width))),
    ...cells.map(line),
  ].join("\n");
}

function render(value: unknown): string {
  if (value === null || value === undefined) return "";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

function shorten(text: string, widest: number): string {
  return text.length > widest ? `${text.slice(0, widest - 1)}…` : text;
}
