import type { Property } from "./violation.ts";

/** A mistake in the SQL. */
export interface Mutant {
  /** What the changed SQL does wrong. */
  readonly mistake: string;
  /** Texts of the migrations and their replacements. */
  readonly edits: readonly (readonly [string, string])[];
  /** The properties that may be violated. */
  readonly violates: readonly Property[];
  /** What finds it if histories meet it too rarely. */
  readonly foundBy?: "overlaps";
}

const rows: readonly Property[] = [
  "the row matches the model",
  "every plan leaves the same row",
  "each item has the right outcome",
  "a repetition changes nothing",
];
const published = "revoke all on all functions in schema clerk_sync from public;";
/** Makes each row take a moment, so that writers of several rows meet on any machine. */
const lingering = [
  published,
  `create or replace function public.linger() returns trigger language plpgsql as $$
    begin
      perform pg_sleep(0.002);
      return new;
    end
  $$;
  create or replace trigger linger before insert on public.users
    for each row execute function public.linger();
  ${published}`,
] as const;

/** How the files of users compare a fact, or the row to be written, with the existing row. */
const rank = (one: "f" | "excluded" | "c") => {
  const updated = one === "c"
    ? "coalesce(c.clerk_updated_at, '-infinity')"
    : `${one}.clerk_updated_at`;
  return `${updated}, coalesce(${one}.last_sign_in_at, '-infinity'), coalesce(${one}.clerk_created_at, '-infinity'),`;
};
const content = (one: "f" | "excluded" | "c") =>
  `clerk_sync.user_content(to_jsonb(${one}.*))${one === "c" ? "" : ' collate "C"'}`;

/** Makes the same change wherever states are compared. */
function everywhere(change: (expression: string) => string): Mutant["edits"] {
  return (["f", "excluded", "c"] as const).map((one) => [rank(one), change(rank(one))] as const);
}

const neverKnown = ["and not (p_look and exists (", "and not (false and exists ("] as const;
const stateIsNewer = "where c.erased_at is null and (";
const deletionIsEarlier = "excluded.deleted_at < coalesce(c.deleted_at, 'infinity')";
const earliest = "deleted_at = least(c.deleted_at, excluded.deleted_at)";
const active =
  "is_active = c.deactivated_at is null and least(c.deleted_at, excluded.deleted_at) is null";

/** Mistakes that similar projects make, and some that somebody could make in changing this SQL. */
export const mutants: readonly Mutant[] = [
  {
    mistake: "the last state to arrive wins",
    edits: [neverKnown, [stateIsNewer, "where excluded.clerk_updated_at is not null or ("]],
    violates: rows,
  },
  {
    mistake: "the later arrival of two states with equal times wins",
    edits: [neverKnown, [
      stateIsNewer,
      "where excluded.clerk_updated_at >= coalesce(c.clerk_updated_at, '-infinity') or (",
    ]],
    violates: rows,
  },
  {
    mistake: "the earlier arrival of two states with equal times wins",
    edits: [neverKnown, [
      stateIsNewer,
      "where excluded.clerk_updated_at > coalesce(c.clerk_updated_at, '-infinity') and (",
    ]],
    violates: rows,
  },
  {
    mistake: "the time of the last sign-in is not compared",
    edits: everywhere((text) =>
      text.replace(/ coalesce\(\w+\.last_sign_in_at, '-infinity'\),/, "")
    ),
    violates: rows,
  },
  {
    mistake: "a user without a sign-in ranks above one with a sign-in",
    edits: everywhere((text) =>
      text.replace(/(\w+\.last_sign_in_at), '-infinity'/, "$1, 'infinity'")
    ),
    violates: rows,
  },
  {
    mistake: "the time of creation is not compared",
    edits: everywhere((text) =>
      text.replace(/ coalesce\(\w+\.clerk_created_at, '-infinity'\),/, "")
    ),
    violates: rows,
  },
  {
    mistake: "one column is missing from the comparison of contents",
    edits: [[
      "    p_state -> 'external_id', coalesce(nullif(p_state -> 'public_metadata'",
      "    coalesce(nullif(p_state -> 'public_metadata'",
    ]],
    violates: rows,
  },
  {
    mistake: "contents are compared by the database's locale instead of by bytes",
    edits: [[content("excluded"), `lower(${content("excluded")})`], [
      "clerk_sync.user_content(to_jsonb(c.*))\n      )",
      "lower(clerk_sync.user_content(to_jsonb(c.*)))\n      )",
    ], neverKnown],
    violates: rows,
  },
  {
    mistake: "one column is missing from the update",
    edits: [[
      "      username = case when excluded.clerk_updated_at is null then c.username else excluded.username end,\n",
      "",
    ]],
    violates: rows,
  },
  {
    mistake: "one column is missing from the row of a user who signs up",
    edits: [["v_state.last_name, v_state.username,", "v_state.last_name, null,"]],
    violates: rows,
  },
  {
    mistake: "a sign-up that meets a row which has just come into being is dropped",
    edits: [["outcome := case when found then 'created' end;", "outcome := 'created';"]],
    violates: rows,
    foundBy: "overlaps",
  },
  {
    mistake: "a deletion empties the state",
    edits: [[
      "case when excluded.clerk_updated_at is null then c.email else excluded.email end",
      "excluded.email",
    ]],
    violates: rows,
  },
  {
    mistake: "the latest deletion counts",
    edits: [neverKnown, [earliest, earliest.replace("least", "greatest")], [
      deletionIsEarlier,
      "excluded.deleted_at > coalesce(c.deleted_at, '-infinity')",
    ]],
    violates: rows,
  },
  {
    mistake: "the first deletion to arrive counts",
    edits: [[earliest, earliest.replace("least", "coalesce")]],
    violates: rows,
  },
  {
    mistake: "a deletion gets the time of our own clock",
    edits: [[
      "case f.kind when 'user_deleted' then f.deleted_at end,",
      "case f.kind when 'user_deleted' then now() end,",
    ]],
    violates: rows,
  },
  {
    mistake: "a late state brings a deleted user back",
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
    mistake: "a state activates a row that the application deactivated",
    edits: [[active, "is_active = least(c.deleted_at, excluded.deleted_at) is null"]],
    violates: [...rows, "no call fails"],
  },
  {
    mistake: "synchronisation writes the application's metadata",
    edits: [[earliest, `metadata = '{}', ${earliest}`]],
    violates: rows,
  },
  {
    mistake: "only the first fact about a user in a batch is applied",
    edits: [["    order by t.turn\n", "    order by t.turn limit 1\n"]],
    violates: [...rows, "no call fails"],
  },
  {
    mistake: "the row is not compared again under its lock",
    edits: [[stateIsNewer, "where excluded.clerk_updated_at is not null or ("]],
    violates: rows,
  },
  {
    mistake: "rows are locked in a random order",
    edits: [['order by f.clerk_id collate "C"', "order by random()"], lingering],
    violates: ["no call fails"],
  },
  {
    mistake:
      "a batch with several facts about a row does not lock the row if it knows the first one",
    edits: [[
      "write_facts(p_resource, v_turn.facts, false)",
      "write_facts(p_resource, v_turn.facts, true)",
    ]],
    violates: ["no call fails"],
    foundBy: "overlaps",
  },
  {
    mistake: "a fact that cannot be applied fails its batch",
    edits: [[
      "if clerk_sync.is_outage(sqlstate) then",
      "if jsonb_array_length(p_facts) > 1 then",
    ]],
    violates: ["no call fails"],
  },
  {
    mistake: "a row is written even if nothing changes",
    edits: [neverKnown, [stateIsNewer, "where true or ("]],
    violates: rows,
  },
  {
    mistake: "every fact that is not written gets the outcome stale",
    edits: [["coalesce(w.outcome, k.outcome)", "coalesce(w.outcome, 'stale')"]],
    violates: ["each item has the right outcome"],
  },
  {
    mistake: "two facts about a row in one batch are treated as one",
    edits: [["    raise cardinality_violation;\n", "    null;\n"]],
    violates: ["each item has the right outcome"],
  },
  {
    mistake: "a new row is not recognised as new",
    edits: [["c.synced_at = now() as created", "false as created"]],
    violates: ["each item has the right outcome"],
  },
  {
    mistake: "the ledger counts a batch's copies of a delivery as one",
    edits: [[
      "      select f.item\n      from jsonb_array_elements(p_facts) with ordinality as f (fact, item)\n      order by f.fact -> 'delivery'",
      "      select distinct on (f.fact -> 'delivery' ->> 'id' collate \"C\") f.item\n      from jsonb_array_elements(p_facts) with ordinality as f (fact, item)\n      order by f.fact -> 'delivery'",
    ]],
    violates: [
      "the ledger counts every delivery",
      "each item has the right outcome",
      "a repetition changes nothing",
    ],
  },
  {
    mistake: "a fact that names a membership's user late is skipped",
    edits: [["and (f.user_clerk_id is null or c.user_clerk_id is not null)", ""]],
    violates: rows,
  },
  {
    mistake: "a membership's writer and its user's deletion miss each other",
    edits: [["perform clerk_sync.lock_memberships(p_facts);", "null;"]],
    violates: rows,
    foundBy: "overlaps",
  },
  {
    mistake: "a deletion shares its lock with writers of memberships",
    edits: [[
      "perform pg_advisory_xact_lock(v_lock.key);",
      "perform pg_advisory_xact_lock_shared(v_lock.key);",
    ]],
    violates: rows,
    foundBy: "overlaps",
  },
  {
    mistake: "a membership's writer does not check whether its organization is deleted",
    edits: [["least(u.deleted_at, o.deleted_at) as deleted_at", "u.deleted_at as deleted_at"]],
    violates: rows,
  },
  {
    mistake: "a membership's writer does not check whether its user is deleted",
    edits: [["least(u.deleted_at, o.deleted_at) as deleted_at", "o.deleted_at as deleted_at"]],
    violates: rows,
  },
  {
    mistake: "a user's deletion does not end their memberships",
    edits: [["where f.kind = 'user_deleted'", "where false"]],
    violates: rows,
  },
  {
    mistake: "an organization's deletion does not end its memberships",
    edits: [["where f.kind = 'organization_deleted'", "where false"]],
    violates: rows,
  },
  {
    mistake: "a deletion in a batch without memberships ends no memberships",
    edits: [["perform clerk_sync.end_memberships(p_facts);", "null;"]],
    violates: rows,
  },
  {
    mistake: "a deletion in a batch without memberships does not move later ends",
    edits: [[
      "set deleted_at = least(m.deleted_at, l.deleted_at)",
      "set deleted_at = coalesce(m.deleted_at, l.deleted_at)",
    ]],
    violates: rows,
  },
  {
    mistake: "a deletion does not move the ends of memberships that ended after it",
    edits: [
      ["(m.deleted_at is null or m.deleted_at > u.deleted_at)", "m.deleted_at is null"],
      ["(m.deleted_at is null or m.deleted_at > o.deleted_at)", "m.deleted_at is null"],
    ],
    violates: rows,
  },
  {
    mistake: "a late state brings a membership back",
    edits: [
      [
        "      deleted_at = least(c.deleted_at, excluded.deleted_at),\n      is_active = c.deactivated_at is null and least(c.deleted_at, excluded.deleted_at) is null\n        -- One",
        "      deleted_at = case when excluded.clerk_updated_at > c.deleted_at then null else least(c.deleted_at, excluded.deleted_at) end,\n      is_active = case when excluded.clerk_updated_at > c.deleted_at then null else least(c.deleted_at, excluded.deleted_at) end is null\n        -- One",
      ],
    ],
    violates: rows,
  },
  {
    mistake: "a state that names no user removes the membership's user",
    edits: [[
      'user_clerk_id = least(c.user_clerk_id collate "C", excluded.user_clerk_id)',
      "user_clerk_id = excluded.user_clerk_id",
    ]],
    violates: rows,
  },
  {
    mistake: "the last state in a membership's deletion is not read",
    edits: [[
      "f.clerk_created_at, f.clerk_updated_at, case f.kind when 'membership_deleted'",
      "f.clerk_created_at, case f.kind when 'membership' then f.clerk_updated_at end, case f.kind when 'membership_deleted'",
    ]],
    violates: [...rows, "no call fails"],
  },
];

/**
 * Makes the mutant's edits in a migration. Adds to `found` the texts that the migration contains.
 */
export function mutate(migration: string, { edits }: Mutant, found: Set<string>): string {
  return edits.reduce((text, [before, after]) => {
    if (!text.includes(before)) return text;
    found.add(before);
    return text.replaceAll(before, () => after);
  }, migration);
}
