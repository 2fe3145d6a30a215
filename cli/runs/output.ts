import { resourceNames } from "../../supabase/functions/_shared/listing/resource.ts";
import type { Finding } from "../../supabase/functions/_shared/runs/finding.ts";
import type { Ending } from "../../supabase/functions/_shared/runs/run.ts";
import {
  type CountName,
  countNames,
  type Counts,
} from "../../supabase/functions/_shared/runs/tally.ts";
import { plural } from "./advance.ts";

/** What a run prints on standard output. */
export interface Output {
  finding(finding: Finding): void;
  end(ending: Ending, more: Readonly<Record<string, unknown>>): void;
}

/**
 * A line for each finding, and for each resource.
 *
 * @param nothing what to say of a resource of which nothing had to be read
 */
export function createTextOutput(print: (line: string) => void, nothing?: string): Output {
  return {
    finding: (finding) => print(describeFinding(finding)),
    end({ counts, outcome, reason }) {
      const lines = describeCounts(counts, outcome === "failed" ? undefined : nothing);
      for (const line of lines) print(line);
      if (reason !== undefined) print(reason);
    },
  };
}

/**
 * One JSON document, printed piece by piece, so that any number of findings fits:
 * `{"findings":[…],"outcome","drift","counts",…}`.
 */
export function createJsonOutput(print: (line: string) => void): Output {
  let begun = false;
  const begin = () => {
    if (!begun) print('{"findings":[');
    begun = true;
  };
  let separator = "";
  return {
    finding(finding) {
      begin();
      print(`${separator}${JSON.stringify(finding)}`);
      separator = ",";
    },
    end(ending, more) {
      begin();
      print(`],${JSON.stringify({ ...ending, ...more }).slice(1)}`);
    },
  };
}

/** Such as "stale user_2abc email, first_name". */
export function describeFinding(finding: Finding): string {
  const { difference, id, columns = [], reason, repaired } = finding;
  return [
    difference,
    id,
    ...(columns.length > 0 ? [columns.join(", ")] : []),
    ...(reason === undefined ? [] : [reason]),
    ...(repaired ? ["(repaired)"] : []),
  ].join(" ");
}

const words: Readonly<Partial<Record<CountName, string>>> = {
  listed: "read",
  wrongly_active: "wrongly active",
  wrongly_deleted: "wrongly deleted",
};

/** Such as "users: 120 read, 3 missing, 3 repaired". */
export function describeCounts(counts: Counts, nothing = "0 read"): string[] {
  return resourceNames.map((resource) => {
    const tally = counts[resource];
    if (countNames.every((name) => !tally[name])) return `${plural[resource]}: ${nothing}`;
    const shown = countNames.filter((name) => name === "listed" || (tally[name] ?? 0) > 0);
    const parts = shown.map((name) =>
      `${(tally[name] ?? 0).toLocaleString("en")} ${words[name] ?? name}`
    );
    return `${plural[resource]}: ${parts.join(", ")}`;
  });
}
