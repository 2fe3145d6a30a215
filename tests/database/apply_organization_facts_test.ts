/** apply_clerk_facts() with facts about organizations and memberships. */
import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { applyFacts } from "../support/database/apply_facts.ts";
import { rolledBack, sqlState } from "../support/database/connections.ts";
import {
  membershipDeletedFact,
  membershipFact,
  newClerkId,
  newMembershipIds,
  organizationDeletedFact,
  organizationFact,
  userDeletedFact,
  userFact,
} from "../support/facts/facts.ts";

type Table = "users" | "organizations" | "organization_memberships";

async function read(sql: TransactionSql, table: Table, clerkId: string) {
  const [row] = await sql`
    select t.*, t.xmin::text as xmin from ${sql(`public.${table}`)} as t where clerk_id = ${clerkId}
  `;
  return row;
}

const readOrganization = (sql: TransactionSql, clerkId: string) =>
  read(sql, "organizations", clerkId);
const readMembership = (sql: TransactionSql, clerkId: string) =>
  read(sql, "organization_memberships", clerkId);

const early = "2026-01-02T00:00:00.000Z";
const late = "2026-01-03T00:00:00.000Z";
const later = "2026-01-04T00:00:00.000Z";

/** Sample facts of each kind, for the tests that hold for all kinds. */
const kinds = [
  {
    table: "organizations",
    states: (id: string) => [
      organizationFact(id, { name: "Ann", clerk_updated_at: early }),
      organizationFact(id, { name: "Bea", clerk_updated_at: early }),
      organizationFact(id, { name: "Cyd", clerk_updated_at: late }),
    ],
    deleted: organizationDeletedFact,
  },
  {
    table: "organization_memberships",
    states: (id: string) => {
      const ids = { clerk_id: id, organization_clerk_id: "org_1", user_clerk_id: "user_1" };
      return [
        membershipFact(ids, { role: "org:ann", clerk_updated_at: early }),
        membershipFact(ids, { role: "org:bea", clerk_updated_at: early }),
        membershipFact(ids, { role: "org:cyd", clerk_updated_at: late }),
      ];
    },
    deleted: (id: string, deletedAt: string) => ({
      kind: "membership_deleted",
      clerk_id: id,
      deleted_at: deletedAt,
    }),
  },
] as const;

/** The columns of a row that come from facts, with times as text. */
function told(row: Awaited<ReturnType<typeof read>>): Record<string, unknown> {
  assert.ok(row);
  const { id: _, created_at: __, updated_at: ___, synced_at: ____, xmin: _____, ...rest } = row;
  return JSON.parse(JSON.stringify(rest));
}

for (const { table, states, deleted } of kinds) {
  const id = `${table}_1`;
  const [ann, bea, cyd] = states(id);

  Deno.test(`apply_clerk_facts() creates a row in ${table} with every column of the state`, async () => {
    await rolledBack(async (sql) => {
      assert.deepEqual(await applyFacts(sql, [cyd]), ["created"]);
      const { kind: _, ...columns } = cyd ?? {};
      const expected = {
        ...columns,
        is_active: true,
        deleted_at: null,
        deactivated_at: null,
        metadata: {},
      };
      assert.deepEqual(told(await read(sql, table, id)), expected);
    });
  });

  Deno.test(`apply_clerk_facts() keeps the newest state in ${table}, in every order and in one batch`, async () => {
    const rows: unknown[] = [];
    for (const order of permutations([ann, bea, cyd])) {
      await rolledBack(async (sql) => {
        for (const fact of order) await applyFacts(sql, [fact]);
        rows.push(told(await read(sql, table, id)));
      });
      await rolledBack(async (sql) => {
        await applyFacts(sql, order);
        rows.push(told(await read(sql, table, id)));
      });
    }
    assert.equal(rows.length, 12);
    await rolledBack(async (sql) => {
      await applyFacts(sql, [cyd]);
      const newest = told(await read(sql, table, id));
      for (const row of rows) assert.deepEqual(row, newest);
    });
  });

  Deno.test(`apply_clerk_facts() picks the same one of two states in ${table} with equal times, in either order`, async () => {
    const rows: unknown[] = [];
    for (const order of [[ann, bea], [bea, ann]]) {
      await rolledBack(async (sql) => {
        for (const fact of order) await applyFacts(sql, [fact]);
        rows.push(told(await read(sql, table, id)));
      });
    }
    assert.deepEqual(rows[0], rows[1]);
  });

  Deno.test(`apply_clerk_facts() leaves a tombstone with the earliest time in ${table} if deletions come first`, async () => {
    await rolledBack(async (sql) => {
      assert.deepEqual(await applyFacts(sql, [deleted(id, later)]), ["created"]);
      assert.deepEqual(await applyFacts(sql, [deleted(id, late)]), ["updated"]);
      assert.deepEqual(await applyFacts(sql, [deleted(id, later)]), ["unchanged"]);
      await applyFacts(sql, [cyd]);
      const row = await read(sql, table, id);
      assert.equal(row?.is_active, false);
      assert.equal(row?.deleted_at.toISOString(), late);
      assert.equal(row?.clerk_updated_at.toISOString(), late, "the state is still stored");
    });
  });

  Deno.test(`apply_clerk_facts() does not touch a row in ${table} that already shows the state`, async () => {
    await rolledBack(async (sql) => {
      await applyFacts(sql, [cyd]);
      const before = await read(sql, table, id);
      assert.deepEqual(await applyFacts(sql, [cyd, ann]), ["unchanged", "stale"]);
      assert.deepEqual(await read(sql, table, id), before);
    });
  });

  Deno.test(`apply_clerk_facts() never changes the application's own columns in ${table}`, async () => {
    await rolledBack(async (sql) => {
      await applyFacts(sql, [ann]);
      await sql`
        update ${sql(`public.${table}`)} set metadata = '{"theme":"dark"}', is_active = false
        where clerk_id = ${id}
      `;
      assert.deepEqual(await applyFacts(sql, [cyd]), ["updated"]);
      const row = await read(sql, table, id);
      assert.deepEqual(row?.metadata, { theme: "dark" });
      assert.equal(row?.is_active, false);
    });
  });
}

function permutations<T>(items: readonly T[]): T[][] {
  if (items.length < 2) return [[...items]];
  return items.flatMap((item, index) =>
    permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest])
  );
}

Deno.test("a membership that arrives before its organization and user creates neither", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    assert.deepEqual(await applyFacts(sql, [membershipFact(ids)]), ["created"]);
    assert.equal(await readOrganization(sql, ids.organization_clerk_id), undefined);
    assert.equal(await read(sql, "users", ids.user_clerk_id), undefined);
    await applyFacts(sql, [
      userFact(ids.user_clerk_id),
      organizationFact(ids.organization_clerk_id, { name: "Engines" }),
    ]);
    assert.equal((await readMembership(sql, ids.clerk_id))?.is_active, true);
  });
});

Deno.test("a membership's facts never touch the rows of its organization and user", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    await applyFacts(sql, [
      userFact(ids.user_clerk_id),
      organizationFact(ids.organization_clerk_id),
    ]);
    const readBoth = async () => [
      await read(sql, "users", ids.user_clerk_id),
      await readOrganization(sql, ids.organization_clerk_id),
    ];
    const before = await readBoth();
    await applyFacts(sql, [membershipFact(ids)]);
    await applyFacts(sql, [membershipFact(ids, { role: "org:admin", clerk_updated_at: late })]);
    await applyFacts(sql, [membershipDeletedFact(ids, later)]);
    assert.deepEqual(await readBoth(), before);
  });
});

Deno.test("a membership ends at the earliest deletion of itself, its user and its organization, in every order", async () => {
  const told = (ids: ReturnType<typeof newMembershipIds>) => [
    membershipFact(ids, { role: "org:admin", clerk_updated_at: late }),
    membershipDeletedFact(ids, later),
    userDeletedFact(ids.user_clerk_id, late),
    organizationDeletedFact(ids.organization_clerk_id, early),
  ];
  /** Which of these facts are applied, and when the membership then ends. */
  const parts = [
    { indices: [0, 1, 2, 3], end: early },
    { indices: [0, 1, 2], end: late },
    { indices: [0, 1, 3], end: early },
    { indices: [0, 2, 3], end: early },
    { indices: [0, 2], end: late },
  ];
  await rolledBack(async (sql) => {
    for (const { indices, end } of parts) {
      for (const order of permutations(indices)) {
        for (const atOnce of [false, true]) {
          const ids = newMembershipIds();
          const facts = order.map((index) => told(ids)[index]);
          for (const batch of atOnce ? [facts] : facts.map((fact) => [fact])) {
            await applyFacts(sql, batch);
          }
          const row = await readMembership(sql, ids.clerk_id);
          assert.equal(row?.deleted_at?.toISOString(), end, `${order}, at once: ${atOnce}`);
          assert.equal(row?.is_active, false);
          assert.equal(row?.role, "org:admin");
        }
      }
    }
  });
});

Deno.test("a late deletion with an earlier time moves the end of the memberships back", async () => {
  await rolledBack(async (sql) => {
    const [one, other] = [newMembershipIds(), newMembershipIds()];
    await applyFacts(sql, [membershipFact(one), membershipFact(other)]);
    for (const deletedAt of [later, late, early]) {
      await applyFacts(sql, [
        userDeletedFact(one.user_clerk_id, deletedAt),
        organizationDeletedFact(other.organization_clerk_id, deletedAt),
      ]);
      for (const { clerk_id: id } of [one, other]) {
        assert.equal((await readMembership(sql, id))?.deleted_at.toISOString(), deletedAt);
      }
    }
  });
});

Deno.test("a deletion ends only its own memberships and counts as one item", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const others = [
      { ...newMembershipIds(), user_clerk_id: ids.user_clerk_id },
      { ...newMembershipIds(), organization_clerk_id: ids.organization_clerk_id },
    ] as const;
    await applyFacts(sql, [ids, ...others].map((one) => membershipFact(one)));
    assert.deepEqual(
      await applyFacts(sql, [organizationDeletedFact(ids.organization_clerk_id, late)]),
      ["created"],
    );
    const active = async (id: string) => (await readMembership(sql, id))?.is_active;
    assert.equal(await active(ids.clerk_id), false);
    assert.equal(
      await active(others[0].clerk_id),
      true,
      "the user's membership in another organization",
    );
    assert.equal(
      await active(others[1].clerk_id),
      false,
      "another user's membership in the same organization",
    );
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(ids.user_clerk_id, late)]), [
      "created",
    ]);
    assert.equal(await active(others[0].clerk_id), false);
  });
});

Deno.test("a user who leaves and joins again gets a second row with the new role", async () => {
  await rolledBack(async (sql) => {
    const first = newMembershipIds();
    const second = { ...first, clerk_id: newClerkId("orgmem") };
    const facts = [
      userFact(first.user_clerk_id),
      membershipFact(first, { role: "org:admin" }),
      membershipDeletedFact(first, late, { role: "org:admin" }),
      membershipFact(second, {
        role: "org:member",
        clerk_created_at: later,
        clerk_updated_at: later,
      }),
    ];
    assert.deepEqual(await applyFacts(sql, facts), ["created", "created", "updated", "created"]);
    assert.equal((await readMembership(sql, first.clerk_id))?.is_active, false);
    assert.equal((await readMembership(sql, second.clerk_id))?.is_active, true);
    const [found] = await sql`
      select organizations from public.find_clerk_users(array[${first.user_clerk_id}])
    `;
    assert.deepEqual(found?.organizations.map(({ role }: { role: string }) => role), [
      "org:member",
    ]);
  });
});

Deno.test("apply_clerk_facts() rejects organization facts that cannot be applied and applies the rest", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const bad: readonly (readonly [unknown, string])[] = [
      [{ kind: "organization" }, "22023"],
      [{ kind: "organization_deleted", clerk_id: "org_x" }, "22023"],
      [{ ...organizationFact("org_x"), clerk_updated_at: "not a time" }, "22007"],
      [
        { ...organizationFact("org_x"), clerk_updated_at: "infinity" },
        "23514 organizations organizations_clerk_times_finite",
      ],
      [
        { ...organizationFact(""), name: "x" },
        "23514 organizations organizations_clerk_id_present",
      ],
      [
        { ...organizationFact("org_x"), public_metadata: [] },
        "23514 organizations organizations_public_metadata_is_object",
      ],
      [{ kind: "membership" }, "22023"],
      [
        { ...membershipFact(ids), organization_clerk_id: null },
        "23514 organization_memberships organization_memberships_state_complete",
      ],
      [
        { ...membershipFact(ids), role: null },
        "23514 organization_memberships organization_memberships_state_complete",
      ],
      [{ ...membershipFact(ids), permissions: "all" }, "22P02"],
      [{ kind: "membership_elephant", clerk_id: "x" }, "22023"],
      [{ kind: "organizations", clerk_id: "x" }, "22023"],
    ];
    const good = [
      organizationFact(newClerkId("org")),
      membershipFact(newMembershipIds()),
      userFact(newClerkId()),
    ];
    const facts = JSON.stringify([good[0], ...bad.map(([fact]) => fact), good[1], good[2]]);
    const items = await sql`
      select outcome, reason from public.apply_clerk_facts(${facts}::text::jsonb) order by item
    `;
    const rejected = items.filter(({ outcome }) => outcome === "rejected");
    assert.deepEqual(rejected.map(({ reason }) => reason), bad.map(([, reason]) => reason));
    assert.deepEqual(
      items.map(({ outcome }) => outcome),
      ["created", ...bad.map(() => "rejected"), "created", "created"],
    );
  });
});

Deno.test("apply_clerk_facts() records deliveries about organizations and memberships like those about users", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const delivered = (fact: object, id: string) => ({ ...fact, delivery: { id, type: "x.y" } });
    const facts = [
      delivered(organizationFact(ids.organization_clerk_id), `msg_1_${ids.clerk_id}`),
      delivered(membershipFact(ids), `msg_2_${ids.clerk_id}`),
    ];
    assert.deepEqual(await applyFacts(sql, facts), ["created", "created"]);
    assert.deepEqual(await applyFacts(sql, facts), ["duplicate", "duplicate"]);
    const ledger = await sql`
      select subject, outcome, attempts from public.clerk_deliveries
      where subject in (${ids.clerk_id}, ${ids.organization_clerk_id}) order by subject
    `;
    assert.deepEqual([...ledger].map((row) => ({ ...row })), [
      { subject: ids.organization_clerk_id, outcome: "created", attempts: 2 },
      { subject: ids.clerk_id, outcome: "created", attempts: 2 },
    ]);
  });
});

Deno.test("purge_deleted_users() empties the metadata of only the purged users' memberships", async () => {
  await rolledBack(async (sql) => {
    const [gone, stays] = [newMembershipIds(), newMembershipIds()];
    await applyFacts(sql, [
      ...[gone, stays].flatMap((ids) => [userFact(ids.user_clerk_id), membershipFact(ids)]),
      userDeletedFact(gone.user_clerk_id, early),
    ]);
    await sql`update public.organization_memberships set metadata = '{"desk":7}'`;
    await sql`select public.purge_deleted_users('0 days')`;
    assert.deepEqual((await readMembership(sql, gone.clerk_id))?.metadata, {});
    assert.deepEqual((await readMembership(sql, stays.clerk_id))?.metadata, { desk: 7 });
  });
});

Deno.test("without the organization tables, users are still written but a user's deletion fails as a whole", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId();
    await sql`alter table public.organizations rename to missing`;
    await sql`alter table public.organization_memberships rename to missing_too`;
    assert.deepEqual(await applyFacts(sql, [userFact(id)]), ["created"]);
    const undefinedTable = "42P01";
    const facts = [userDeletedFact(id, late)];
    assert.equal(await sqlState(sql, (savepoint) => applyFacts(savepoint, facts)), undefinedTable);
    assert.equal((await read(sql, "users", id))?.is_active, true);
  });
});

/** Rows of all three tables that this transaction has read. */
async function rowsRead(sql: TransactionSql): Promise<number> {
  const [row] = await sql`
    select sum(seq_tup_read + idx_tup_fetch)::int as rows from pg_stat_xact_user_tables
    where schemaname = 'public' and relname in ('users', 'organizations', 'organization_memberships')
  `;
  return Number(row?.rows);
}

/** Memberships of one organization, each with a different user. */
function manyMembers(organization: string, count: number) {
  return Array.from(
    { length: count },
    () => membershipFact({ ...newMembershipIds(), organization_clerk_id: organization }),
  );
}

Deno.test("a membership and a user's deletion read no more rows than needed, even with plans made for empty tables", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const organization = newClerkId("org");
    // PostgreSQL reuses a plan from the sixth call on.
    for (let time = 0; time < 8; time++) {
      await applyFacts(sql, [membershipFact(ids), userDeletedFact("user_0", late)]);
      await applyFacts(sql, [organizationDeletedFact("org_0", late)]);
    }
    const members = manyMembers(organization, 2_000);
    await applyFacts(sql, members);
    await applyFacts(sql, members.map(({ user_clerk_id: id }) => userFact(id ?? "")));
    const [one, other] = members;
    assert.ok(one && other?.user_clerk_id);
    const read = async (facts: readonly unknown[]) => {
      const before = await rowsRead(sql);
      await applyFacts(sql, facts);
      return await rowsRead(sql) - before;
    };
    const changed = await read([{ ...one, role: "org:admin", clerk_updated_at: late }]);
    assert.ok(changed < 15, `${changed} rows read for one membership`);
    const ended = await read([userDeletedFact(other.user_clerk_id, late)]);
    assert.ok(ended < 25, `${ended} rows read for one user's deletion`);
    const organizationEnded = await read([organizationDeletedFact(newClerkId("org"), late)]);
    assert.ok(organizationEnded < 15, `${organizationEnded} rows read for an empty organization`);
  });
});

for (const [sooner, later] of [["user", "organization"], ["organization", "user"]] as const) {
  Deno.test(`a membership ends with its ${sooner} if the same batch has a later deletion of the ${later}`, async () => {
    await rolledBack(async (sql) => {
      const ids = newMembershipIds();
      await applyFacts(sql, [membershipFact(ids)]);
      const ends = {
        user: (time: string) => userDeletedFact(ids.user_clerk_id, time),
        organization: (time: string) => organizationDeletedFact(ids.organization_clerk_id, time),
      };
      await applyFacts(sql, [ends[later](late), ends[sooner](early)]);
      const [row] = await sql`
        select deleted_at from public.organization_memberships where clerk_id = ${ids.clerk_id}
      `;
      assert.equal(row?.deleted_at.toISOString(), early);
    });
  });
}

Deno.test("apply_clerk_facts() rejects a fact without a time, alone and in a batch, whatever the row holds", async () => {
  await rolledBack(async (sql) => {
    const [known, erased] = [newClerkId(), newClerkId()];
    const ids = newMembershipIds();
    const states = [
      userFact(known),
      userFact(erased),
      organizationFact("org_x"),
      membershipFact(ids),
    ];
    await applyFacts(sql, [...states, userDeletedFact(erased, early)]);
    await sql`select public.purge_deleted_users('1 day')`;
    const timeless = [
      ...states.map((state) => ({ ...state, clerk_updated_at: null })),
      { kind: "user_deleted", clerk_id: erased },
      { kind: "organization_deleted", clerk_id: "org_x" },
      { kind: "membership_deleted", clerk_id: ids.clerk_id },
    ];
    for (const fact of timeless) {
      assert.deepEqual(await applyFacts(sql, [fact]), ["rejected"], fact.kind);
      // With a known fact, not all of the batch is written, so the outcome of each fact is looked up.
      assert.deepEqual(await applyFacts(sql, [fact, userFact(newClerkId()), states[0]]), [
        "rejected",
        "created",
        "unchanged",
      ], fact.kind);
    }
  });
});

Deno.test("apply_clerk_facts() never mistakes a fact about one kind for a fact about another", async () => {
  await rolledBack(async (sql) => {
    const [known, erased] = [newClerkId(), newClerkId()];
    await applyFacts(sql, [userFact(known), userFact(erased), userDeletedFact(erased, early)]);
    await sql`select public.purge_deleted_users('1 day')`;
    const batch = [
      userFact(known),
      { kind: "invalid", clerk_id: erased, reason: "data.id" },
      organizationFact(erased, { clerk_updated_at: early }),
    ];
    for (const facts of [batch.slice(0, 2), [batch[0], batch[2]]]) {
      assert.deepEqual(await applyFacts(sql, facts), [
        "unchanged",
        facts[1]?.kind === "invalid" ? "invalid" : "created",
      ]);
    }
  });
});
