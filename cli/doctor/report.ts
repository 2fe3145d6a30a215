import { styleText } from "node:util";
import type { NamedFinding } from "./examine.ts";

/** The whole examination as one JSON document. */
export function renderJson(project: string, findings: readonly NamedFinding[]): string {
  return JSON.stringify({ project, ok: passes(findings), checks: findings }, null, 2);
}

/** Whether nothing has failed. Warnings are allowed. */
export function passes(findings: readonly NamedFinding[]): boolean {
  return findings.every(({ status }) => status !== "failed");
}

const colours = { ok: "green", warning: "yellow", failed: "red", skipped: "gray" } as const;

/** A line a check for people, and below it what to do. */
export function renderTable(findings: readonly NamedFinding[], colour: boolean): string {
  const width = Math.max(...findings.map(({ name }) => name.length));
  const lines = findings.map(({ name, status, finding, remedy }) => {
    const label = status.padEnd(7);
    const shown = colour ? styleText(colours[status], label, { validateStream: false }) : label;
    const line = `${shown}  ${name.padEnd(width)}  ${finding}`;
    return remedy === undefined ? line : `${line}\n${" ".repeat(width + 11)}→ ${remedy}`;
  });
  return `${lines.join("\n")}\n\n${summarize(findings)}`;
}

function summarize(findings: readonly NamedFinding[]): string {
  return (["ok", "warning", "failed", "skipped"] as const)
    .map((status) => `${findings.filter((finding) => finding.status === status).length} ${status}`)
    .join(", ");
}
