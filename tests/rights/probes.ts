import { contested, middle } from "./planned_worlds.ts";

/** A request's filter. */
export type Probe = string;

const ordered = ["eq", "neq", "lt", "gte"];

/** Operators and values by type. With statistics, their estimates could reveal something. */
const byType: Readonly<
  Record<string, { operators: readonly string[]; values: readonly string[] }>
> = {
  text: { operators: ordered, values: ["a0", "a3", middle, "z3", "z6", ...contested] },
  uuid: {
    operators: ordered,
    values: ["00000000-0000-0000-0000-000000000000", "80000000-0000-0000-0000-000000000000"],
  },
  "timestamp with time zone": {
    operators: ordered,
    values: ["2001-01-01T00:00:00Z", "2010-01-01T00:00:00Z", "2025-01-01T00:00:00Z"],
  },
  boolean: { operators: [...ordered, "is"], values: ["true", "false"] },
  jsonb: { operators: ["eq", "cs"], values: ['{"a":"a"}', '{"z":"z"}'] },
  "text[]": { operators: ["eq", "cs", "cd", "ov"], values: ["{a0}", "{z0}"] },
};

/** The probes for one column. */
export function probesOf(column: string, type: string): Probe[] {
  const asked = byType[type];
  if (!asked) throw new Error(`Add probes for columns of type ${type}`);
  const compared = asked.operators.flatMap((operator) =>
    asked.values.map((value) => `${column}=${operator}.${encodeURIComponent(value)}`)
  );
  const patterns = type === "text" ? ["like.a*", "like.z*", "ilike.a*", "match.^a"] : [];
  return [
    ...compared,
    ...patterns.map((pattern) => `${column}=${pattern}`),
    `${column}=is.null`,
    `${column}=not.is.null`,
  ];
}
