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
const newer = "clerk_sync.rank_%resource%(p_incoming) > clerk_sync.rank_%resource%(p_current)";
const earliest = "v_merged.deleted_at := least(p_current.deleted_at, %incoming_deletion%);";
const active =
  "v_merged.is_active := v_merged.deleted_at is null and p_current.deactivated_at is null%is_known%;";

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
    edits: [["coalesce(%last_sign_in_at%, '-infinity')", "'-infinity'::timestamptz"]],
    violates: rows,
  },
  {
    mistake: "A user who never signed in ranks above one who did",
    edits: [[
      "coalesce(%last_sign_in_at%, '-infinity')",
      "coalesce(%last_sign_in_at%, 'infinity')",
    ]],
    violates: rows,
  },
  {
    mistake: "One column is missing from the order of contents",
    edits: [[
      "array_to_string(v_resource.content, ', p_row.')",
      "array_to_string(array_remove(v_resource.content, 'public_metadata'), ', p_row.')",
    ]],
    violates: rows,
  },
  {
    mistake: "One column is missing from the update",
    edits: [["unnest(v_state) as s", "unnest(array_remove(v_state, 'username')) as s"]],
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
    edits: [[
      "v_row.is_active := not v_deleted;",
      "v_row.is_active := not v_deleted; if v_deleted then v_row.deleted_at := now(); end if;",
    ]],
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
      ["deleted_at, is_active, synced_at) = (", "deleted_at, is_active, synced_at, metadata) = ("],
      [
        "select %m.columns%, m.deleted_at, m.is_active, now()",
        "select %m.columns%, m.deleted_at, m.is_active, now(), '{}'::jsonb",
      ],
    ],
    violates: rows,
  },
  {
    mistake: "Of a batch only the newest fact about a user is applied",
    edits: [[
      "clerk_sync.merge_%table%(d.newest, d.deleted_first) as m",
      "clerk_sync.merge_%table%(d.newest, d.newest) as m",
    ]],
    violates: rows,
  },
  {
    mistake: "The row is merged as it was before it was locked",
    edits: [
      [
        "select (m.incoming).*\n",
        "select (case when (c.found).clerk_id is null then m.incoming else clerk_sync.merge_%table%(c.found, m.incoming) end).*\n",
      ],
      ["from clerk_sync.merge_%table%(c, excluded) as m", "from (select excluded.*) as m"],
      ["where clerk_sync.merge_%table%(c, excluded) *<> c", ""],
    ],
    violates: rows,
  },
  {
    mistake: "Rows are locked in any order",
    edits: [['order by n.clerk_id collate "C"', "order by random()"], lingering],
    violates: ["no call fails"],
  },
  {
    mistake: "A fact that cannot be applied fails its batch",
    edits: [[
      "exception when others then\n    if clerk_sync.is_outage(sqlstate) then",
      "exception when others then\n    if jsonb_array_length(p_facts) > 1 then",
    ]],
    violates: ["no call fails"],
  },
  {
    mistake: "A row is written also where nothing changes",
    edits: [
      ["or clerk_sync.merge_%table%(c.found, m.incoming) *<> c.found", "or true"],
      ["where clerk_sync.merge_%table%(c, excluded) *<> c", ""],
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
  {
    mistake: "Of a batch's facts about a membership only the newest names its user",
    edits: [["when m.%last_identity% is null then", "when false then"]],
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
    edits: [["perform pg_advisory_xact_lock(", "perform pg_advisory_xact_lock_shared("]],
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
        earliest,
        `v_merged.deleted_at := case when '%resource%' = 'membership' and p_incoming.clerk_updated_at > p_current.deleted_at then null else least(p_current.deleted_at, p_incoming.deleted_at) end;`,
      ],
      [
        active,
        "v_merged.is_active := v_merged.deleted_at is null;",
      ],
    ],
    violates: rows,
  },
  {
    mistake: "A state without its user takes the membership from the user",
    edits: [[
      `least(p_current.%1$I collate "C", p_incoming.%1$I)`,
      "p_incoming.%1$I",
    ]],
    violates: rows,
  },
  {
    mistake: "The last state that a membership's deletion brings is not read",
    edits: [[
      "if p_fact ->> 'clerk_updated_at' is not null then",
      "if not v_deleted and p_fact ->> 'clerk_updated_at' is not null then",
    ]],
    violates: rows,
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
