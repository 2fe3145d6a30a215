import type { Property } from "./violation.ts";

/** The SQL with a mistake in it. */
export interface Mutant {
  /** What it does wrong. */
  readonly mistake: string;
  /** Texts of the migrations, and what stands there instead. */
  readonly edits: readonly (readonly [string, string])[];
  /** The properties that may tell it. */
  readonly violates: readonly Property[];
}

const rows: readonly Property[] = [
  "the row is the model's",
  "every plan leaves the same row",
  "each item has the outcome that it should",
  "a repetition touches nothing",
];
const newer = "clerk_sync.rank_user(p_incoming) > clerk_sync.rank_user(p_current)";
const earliest = "v_merged.deleted_at := least(p_current.deleted_at, p_incoming.deleted_at);";
const active = "v_merged.is_active := p_current.is_active and v_merged.deleted_at is null;";

/** Mistakes that peers make, and some that only somebody who changes this SQL would. */
export const mutants: readonly Mutant[] = [
  {
    mistake: "The last state to arrive wins",
    edits: [[newer, "true"]],
    violates: rows,
  },
  {
    mistake: "Of two states with equal times the last to arrive wins",
    edits: [[
      newer,
      "p_incoming.clerk_updated_at >= coalesce(p_current.clerk_updated_at, '-infinity')",
    ]],
    violates: rows,
  },
  {
    mistake: "Of two states with equal times the first to arrive wins",
    edits: [[
      newer,
      "p_incoming.clerk_updated_at > coalesce(p_current.clerk_updated_at, '-infinity')",
    ]],
    violates: rows,
  },
  {
    mistake: "The last sign-in does not count",
    edits: [["coalesce(p_user.last_sign_in_at, '-infinity')", "'-infinity'::timestamptz"]],
    violates: rows,
  },
  {
    mistake: "A user who never signed in ranks above one who did",
    edits: [[
      "coalesce(p_user.last_sign_in_at, '-infinity')",
      "coalesce(p_user.last_sign_in_at, 'infinity')",
    ]],
    violates: rows,
  },
  {
    mistake: "One column is missing from the order of contents",
    edits: [["p_user.banned,\n      p_user.locked,", "p_user.banned,"]],
    violates: rows,
  },
  {
    mistake: "One column is missing from the update",
    edits: [["v_merged.username := p_incoming.username;", ""]],
    violates: rows,
  },
  {
    mistake: "The latest deletion counts",
    edits: [[earliest, earliest.replace("least", "greatest")]],
    violates: rows,
  },
  {
    mistake: "The first deletion to arrive counts",
    edits: [[earliest, earliest.replace("least", "coalesce")]],
    violates: rows,
  },
  {
    mistake: "A deletion gets the time of our own clock",
    edits: [["v_user.deleted_at := p_fact ->> 'deleted_at';", "v_user.deleted_at := now();"]],
    violates: rows,
  },
  {
    mistake: "A late state brings a deleted user back",
    edits: [
      [
        earliest,
        "v_merged.deleted_at := case when p_incoming.clerk_updated_at > p_current.deleted_at then null else least(p_current.deleted_at, p_incoming.deleted_at) end;",
      ],
      [active, "v_merged.is_active := v_merged.deleted_at is null;"],
    ],
    violates: rows,
  },
  {
    mistake: "A state activates whom the application has deactivated",
    edits: [[active, "v_merged.is_active := v_merged.deleted_at is null;"]],
    violates: rows,
  },
  {
    mistake: "Synchronisation writes the application's metadata",
    edits: [
      ["is_active, synced_at\n        ) = (", "is_active, synced_at, metadata\n        ) = ("],
      [
        "now()\n          from clerk_sync.merge_users(u, excluded) as m",
        "now(), m.public_metadata\n          from clerk_sync.merge_users(u, excluded) as m",
      ],
    ],
    violates: rows,
  },
  {
    mistake: "Of a batch only the newest fact about a user is applied",
    edits: [[
      "clerk_sync.merge_users(d.newest, d.deleted_first) as m",
      "clerk_sync.merge_users(d.newest, d.newest) as m",
    ]],
    violates: rows,
  },
  {
    mistake: "The row is merged as it was before it was locked",
    edits: [
      [
        "select (m.incoming).*\n",
        "select (case when (c.found).clerk_id is null then m.incoming else clerk_sync.merge_users(c.found, m.incoming) end).*\n",
      ],
      ["from clerk_sync.merge_users(u, excluded) as m", "from (select excluded.*) as m"],
      ["where clerk_sync.merge_users(u, excluded) *<> u", ""],
    ],
    violates: rows,
  },
  {
    mistake: "Rows are locked in any order",
    edits: [['order by n.clerk_id collate "C"', "order by random()"]],
    violates: ["no call fails"],
  },
  {
    mistake: "A fact that cannot be applied fails its batch",
    edits: [[
      "data_exception or integrity_constraint_violation or raise_exception then\n    -- Some fact",
      "division_by_zero then\n    -- Some fact",
    ]],
    violates: ["no call fails"],
  },
  {
    mistake: "A row is written also where nothing changes",
    edits: [
      ["or clerk_sync.merge_users(c.found, m.incoming) *<> c.found", "or true"],
      ["where clerk_sync.merge_users(u, excluded) *<> u", ""],
    ],
    violates: ["each item has the outcome that it should", "a repetition touches nothing"],
  },
  {
    mistake: "The ledger counts a batch's copies of a delivery as one",
    edits: [["d.occurred_at, d.turns, d.outcome", "d.occurred_at, 1, d.outcome"]],
    violates: [
      "the ledger counts every delivery",
      "each item has the outcome that it should",
      "a repetition touches nothing",
    ],
  },
];

/**
 * A migration with the mutant's edits; `found` collects those that it has a place for.
 */
export function mutate(migration: string, { edits }: Mutant, found: Set<string>): string {
  return edits.reduce((text, [before, after]) => {
    if (!text.includes(before)) return text;
    found.add(before);
    return text.replace(before, () => after);
  }, migration);
}
