import type { ResourceName } from "../listing/resource.ts";

/** Something that a run has found, by id and without values. */
export interface Finding {
  readonly resource: ResourceName;
  readonly id: string;
  readonly difference:
    | "missing"
    | "stale"
    | "wrongly_active"
    | "wrongly_deleted"
    | "extra"
    | "unproven"
    | "refused"
    | "rejected";
  /** The columns that differ. */
  readonly columns?: readonly string[];
  /** Why it was refused or rejected: paths or SQLSTATE and names. */
  readonly reason?: string;
  readonly repaired: boolean;
}

/** Tells of a finding. Returns false if it was told of before. */
export type Report = (finding: Finding) => boolean;

/** Findings that are remembered, so that a list that is read again is not told of again. */
const mostRemembered = 100_000;

/** Tells of each finding once. */
export function createReport(tell: (finding: Finding) => void): Report {
  const told = new Set<string>();
  return (finding) => {
    const key = `${finding.difference} ${finding.id}`;
    if (told.has(key)) return false;
    if (told.size < mostRemembered) told.add(key);
    tell(finding);
    return true;
  };
}
