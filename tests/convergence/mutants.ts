import type { Property } from "./violation.ts";

/** The SQL with a mistake in it. */
export interface Mutant {
  /** What it does wrong. */
  readonly mistake: string;
  /** Texts of the migrations, and what stands there instead. */
  readonly edits: readonly (readonly [string, string])[];
  /** The properties that may tell it. */
  readonly violates: readonly Property[];
  /** What finds it, where histories meet it too rarely. */
  readonly foundBy?: "overlaps";
}

const rows: readonly Property[] = [
  "the row is the model's",
  "every plan leaves the same row",
  "each item has the outcome that it should",
  "a repetition touches nothing",
];
const published = "revoke all on all functions in schema clerk_sync from public;";
/** Has each row take a moment, so that writers who lock several meet in between, on any machine. */
const lingering = [
  published,
  `create function public.linger() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(0.002);
      return new;
    end
  $$;
  create trigger linger before insert on public.users
    for each row execute function public.linger();
  ${published}`,
] as const;

/** How the files of users compare a fact, or the row that is to be written, with the row that there is. */
const rank = (one: "f" | "excluded" | "c") => {
  const updated = one === "c"
    ? "coalesce(c.clerk_updated_at, '-infinity')"
    : `${one}.clerk_updated_at`;
  return `${updated}, coalesce(${one}.last_sign_in_at, '-infinity'), coalesce(${one}.clerk_created_at, '-infinity'),`;
};
const content = (one: "f" | "excluded" | "c") =>
  `clerk_sync.user_content(to_jsonb(${one}))${one === "c" ? "" : ' collate "C"'}`;

/** The same change of the order of states wherever they are compared. */
function everywhere(change: (expression: string) => string): Mutant["edits"] {
  return (["f", "excluded", "c"] as const).map((one) => [rank(one), change(rank(one))] as const);
}

const neverKnown = ["and not (p_look and exists (", "and not (false and exists ("] as const;
const stateIsNewer = "where c.erased_at is null and (";
const deletionIsEarlier = "excluded.deleted_at < coalesce(c.deleted_at, 'infinity')";
const earliest = "deleted_at = least(c.deleted_at, excluded.deleted_at)";
const active =
  "is_active = c.deactivated_at is null and least(c.deleted_at, excluded.deleted_at) is null";

/** Mistakes that peers make, and some that only somebody who changes this SQL would. */
export const mutants: readonly Mutant[] = [
  {
    mistake: "The last state to arrive wins",
    edits: [neverKnown, [stateIsNewer, "where excluded.clerk_updated_at is not null or ("]],
    violates: rows,
  },
  {
    mistake: "Of two states with equal times the last to arrive wins",
    edits: [neverKnown, [
      stateIsNewer,
      "where excluded.clerk_updated_at >= coalesce(c.clerk_updated_at, '-infinity') or (",
    ]],
    violates: rows,
  },
  {
    mistake: "Of two states with equal times the first to arrive wins",
    edits: [neverKnown, [
      stateIsNewer,
      "where excluded.clerk_updated_at > coalesce(c.clerk_updated_at, '-infinity') and (",
    ]],
    violates: rows,
  },
  {
    mistake: "The last sign-in does not count",
    edits: everywhere((text) =>
      text.replace(/ coalesce\(\w+\.last_sign_in_at, '-infinity'\),/, "")
    ),
    violates: rows,
  },
  {
    mistake: "A user who never signed in ranks above one who did",
    edits: everywhere((text) =>
      text.replace(/(\w+\.last_sign_in_at), '-infinity'/, "$1, 'infinity'")
    ),
    violates: rows,
  },
  {
    mistake: "The time of creation does not count",
    edits: everywhere((text) =>
      text.replace(/ coalesce\(\w+\.clerk_created_at, '-infinity'\),/, "")
    ),
    violates: rows,
  },
  {
    mistake: "One column is missing from the order of contents",
    edits: [[
      "    p_state -> 'external_id', coalesce(nullif(p_state -> 'public_metadata'",
      "    coalesce(nullif(p_state -> 'public_metadata'",
    ]],
    violates: rows,
  },
  {
    mistake: "Contents are compared as the database's locale sorts, and not by bytes",
    edits: [[content("excluded"), `lower(${content("excluded")})`], [
      "clerk_sync.user_content(to_jsonb(c))\n      )",
      "lower(clerk_sync.user_content(to_jsonb(c)))\n      )",
    ], neverKnown],
    violates: rows,
  },
  {
    mistake: "One column is missing from the update",
    edits: [[
      "      username = case when excluded.clerk_updated_at is null then c.username else excluded.username end,\n",
      "",
    ]],
    violates: rows,
  },
  {
    mistake: "A deletion empties the state",
    edits: [[
      "case when excluded.clerk_updated_at is null then c.email else excluded.email end",
      "excluded.email",
    ]],
    violates: rows,
  },
  {
    mistake: "The latest deletion counts",
    edits: [neverKnown, [earliest, earliest.replace("least", "greatest")], [
      deletionIsEarlier,
      "excluded.deleted_at > coalesce(c.deleted_at, '-infinity')",
    ]],
    violates: rows,
  },
  {
    mistake: "The first deletion to arrive counts",
    edits: [[earliest, earliest.replace("least", "coalesce")]],
    violates: rows,
  },
  {
    mistake: "A deletion gets the time of our own clock",
    edits: [[
      "case f.kind when 'user_deleted' then f.deleted_at end,",
      "case f.kind when 'user_deleted' then now() end,",
    ]],
    violates: rows,
  },
  {
    mistake: "A late state brings a deleted user back",
    edits: [
      [
        earliest,
        "deleted_at = case when excluded.clerk_updated_at > c.deleted_at then null else least(c.deleted_at, excluded.deleted_at) end",
      ],
      [
        active,
        "is_active = case when excluded.clerk_updated_at > c.deleted_at then null else least(c.deleted_at, excluded.deleted_at) end is null",
      ],
    ],
    violates: rows,
  },
  {
    mistake: "A state activates whom the application has deactivated",
    edits: [[active, "is_active = least(c.deleted_at, excluded.deleted_at) is null"]],
    violates: [...rows, "no call fails"],
  },
  {
    mistake: "Synchronisation writes the application's metadata",
    edits: [[earliest, `metadata = '{}', ${earliest}`]],
    violates: rows,
  },
  {
    mistake: "Of a batch only the first fact about a user is applied",
    edits: [["    order by t.turn\n", "    order by t.turn limit 1\n"]],
    violates: [...rows, "no call fails"],
  },
  {
    mistake: "The row is merged as it was before it was locked",
    edits: [[stateIsNewer, "where excluded.clerk_updated_at is not null or ("]],
    violates: rows,
  },
  {
    mistake: "Rows are locked in any order",
    edits: [['order by f.clerk_id collate "C"', "order by random()"], lingering],
    violates: ["no call fails"],
  },
  {
    mistake:
      "A batch that repeats itself passes over rows that know the first thing it says of them",
    edits: [[
      "write_facts(p_resource, v_turn.facts, false)",
      "write_facts(p_resource, v_turn.facts, true)",
    ]],
    violates: ["no call fails"],
    foundBy: "overlaps",
  },
  {
    mistake: "A fact that cannot be applied fails its batch",
    edits: [[
      "if clerk_sync.is_outage(sqlstate) then",
      "if jsonb_array_length(p_facts) > 1 then",
    ]],
    violates: ["no call fails"],
  },
  {
    mistake: "A row is written also where nothing changes",
    edits: [neverKnown, [stateIsNewer, "where true or ("]],
    violates: rows,
  },
  {
    mistake: "What a batch does not write is not asked about",
    edits: [["coalesce(w.outcome, k.outcome)", "coalesce(w.outcome, 'stale')"]],
    violates: ["each item has the outcome that it should"],
  },
  {
    mistake: "Two facts about a row in one batch are taken for one",
    edits: [["    raise cardinality_violation;\n", "    null;\n"]],
    violates: ["each item has the outcome that it should"],
  },
  {
    mistake: "A new row is told from an old one by what the statement saw",
    edits: [["c.synced_at = now() as created", "false as created"]],
    violates: ["each item has the outcome that it should"],
  },
  {
    mistake: "The ledger counts a batch's copies of a delivery as one",
    edits: [["      order by t.copy\n", "      order by t.copy limit 1\n"]],
    violates: [
      "the ledger counts every delivery",
      "each item has the outcome that it should",
      "a repetition touches nothing",
    ],
  },
  {
    mistake: "A membership whose user came to be known late is passed over",
    edits: [["and (f.user_clerk_id is null or c.user_clerk_id is not null)", ""]],
    violates: rows,
  },
  {
    mistake: "A membership's writer and its user's deletion miss each other",
    edits: [["perform clerk_sync.lock_memberships(p_facts);", "null;"]],
    violates: rows,
    foundBy: "overlaps",
  },
  {
    mistake: "A deletion shares its lock with the memberships' writers",
    edits: [[
      "perform pg_advisory_xact_lock(v_lock.key);",
      "perform pg_advisory_xact_lock_shared(v_lock.key);",
    ]],
    violates: rows,
    foundBy: "overlaps",
  },
  {
    mistake: "A membership's writer does not look whether its organization is deleted",
    edits: [["least(u.deleted_at, o.deleted_at) as deleted_at", "u.deleted_at as deleted_at"]],
    violates: rows,
  },
  {
    mistake: "A membership's writer does not look whether its user is deleted",
    edits: [["least(u.deleted_at, o.deleted_at) as deleted_at", "o.deleted_at as deleted_at"]],
    violates: rows,
  },
  {
    mistake: "A user's deletion leaves their memberships",
    edits: [["where f.kind = 'user_deleted'", "where false"]],
    violates: rows,
  },
  {
    mistake: "An organization's deletion leaves its memberships",
    edits: [["where f.kind = 'organization_deleted'", "where false"]],
    violates: rows,
  },
  {
    mistake: "The end of a user or an organization that comes by itself leaves the memberships",
    edits: [["perform clerk_sync.end_memberships(p_facts);", "null;"]],
    violates: rows,
  },
  {
    mistake:
      "The end of a user or an organization that comes by itself leaves a later end as it is",
    edits: [[
      "set deleted_at = least(m.deleted_at, l.deleted_at)",
      "set deleted_at = coalesce(m.deleted_at, l.deleted_at)",
    ]],
    violates: rows,
  },
  {
    mistake: "A deletion passes over memberships that have ended later than itself",
    edits: [
      ["(m.deleted_at is null or m.deleted_at > u.deleted_at)", "m.deleted_at is null"],
      ["(m.deleted_at is null or m.deleted_at > o.deleted_at)", "m.deleted_at is null"],
    ],
    violates: rows,
  },
  {
    mistake: "A late state brings a membership back",
    edits: [
      [
        "      deleted_at = least(c.deleted_at, excluded.deleted_at),\n      is_active = c.deactivated_at is null and least(c.deleted_at, excluded.deleted_at) is null\n        -- One",
        "      deleted_at = case when excluded.clerk_updated_at > c.deleted_at then null else least(c.deleted_at, excluded.deleted_at) end,\n      is_active = case when excluded.clerk_updated_at > c.deleted_at then null else least(c.deleted_at, excluded.deleted_at) end is null\n        -- One",
      ],
    ],
    violates: rows,
  },
  {
    mistake: "A state without its user takes the membership from the user",
    edits: [[
      'user_clerk_id = least(c.user_clerk_id collate "C", excluded.user_clerk_id)',
      "user_clerk_id = excluded.user_clerk_id",
    ]],
    violates: rows,
  },
  {
    mistake: "The last state that a membership's deletion brings is not read",
    edits: [[
      "f.clerk_created_at, f.clerk_updated_at, case f.kind when 'membership_deleted'",
      "f.clerk_created_at, case f.kind when 'membership' then f.clerk_updated_at end, case f.kind when 'membership_deleted'",
    ]],
    violates: [...rows, "no call fails"],
  },
];

/**
 * A migration with the mutant's edits; `found` collects those that it has a place for.
 */
export function mutate(migration: string, { edits }: Mutant, found: Set<string>): string {
  return edits.reduce((text, [before, after]) => {
    if (!text.includes(before)) return text;
    found.add(before);
    return text.replaceAll(before, () => after);
  }, migration);
}
