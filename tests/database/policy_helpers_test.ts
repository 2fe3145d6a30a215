/** Schema clerk_auth: what policies learn about the caller. */
import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack } from "../support/database/connections.ts";
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

type Claims = Readonly<Record<string, unknown>>;

const late = "2026-01-03T00:00:00.000Z";
const later = "2026-01-04T00:00:00.000Z";

/** The value of an expression for a caller with these claims. */
async function ask(
  sql: TransactionSql,
  claims: Claims,
  expression: string,
  role: "anon" | "authenticated" | "service_role" = "authenticated",
): Promise<unknown> {
  await become(sql, role, claims);
  const [row] = await sql.unsafe(`select ${expression} as answer`);
  await sql`reset role`;
  return row?.answer;
}

/** The caller's role in an organization. Asserts that all helpers of schema clerk_auth agree. */
async function standingOf(
  sql: TransactionSql,
  claims: Claims,
  organization: string,
): Promise<string | null> {
  const role = await ask(sql, claims, `clerk_auth.role_in('${organization}')`);
  assert.ok(role === null || typeof role === "string");
  const isMember = role !== null;
  const admin = role === "org:admin";
  const ids = isMember ? [organization] : [];
  const expected: readonly (readonly [string, unknown])[] = [
    [`clerk_auth.is_member('${organization}')`, isMember],
    [`clerk_auth.has_role('${organization}', 'org:admin')`, admin],
    [`clerk_auth.has_role('${organization}', 'org:member')`, role === "org:member"],
    [`clerk_auth.has_role('${organization}', 'org:ADMIN')`, false],
    [`clerk_auth.organization_ids()`, ids],
    [`clerk_auth.organization_ids('org:admin')`, admin ? ids : []],
    [`clerk_auth.organization_ids('org:elephant')`, []],
  ];
  for (const [expression, answer] of expected) {
    assert.deepEqual(await ask(sql, claims, expression), answer, expression);
  }
  return role;
}

/** Adds a user, an organization and a membership. */
async function addMember(sql: TransactionSql, role = "org:member") {
  const ids = newMembershipIds();
  await applyFacts(sql, [
    userFact(ids.user_clerk_id),
    organizationFact(ids.organization_clerk_id),
    membershipFact(ids, { role }),
  ]);
  return {
    ids,
    claims: { sid: "sess_1", sub: ids.user_clerk_id, sts: "active" },
    organization: ids.organization_clerk_id,
  };
}

Deno.test("clerk_auth.user_id() is the session token's subject, unless the session has pending tasks", async () => {
  await rolledBack(async (sql) => {
    const cases: readonly (readonly [Claims, string | null])[] = [
      [{ sid: "sess_1", sub: "user_1" }, "user_1"],
      [{ sid: "sess_1", sub: "user_1", sts: "active" }, "user_1"],
      [{ sid: "sess_1", sub: "user_1", sts: null }, "user_1"],
      [{ sid: "sess_1", sub: "user_1", sts: "pending" }, null],
      // As in tokens of JWT templates and machines.
      [{ sub: "user_1" }, null],
      [{ sid: null, sub: "user_1" }, null],
      [{ sid: "sess_1", sub: null }, null],
      [{ role: "anon" }, null],
      [{}, null],
    ];
    for (const [claims, expected] of cases) {
      for (const role of ["anon", "authenticated", "service_role"] as const) {
        const answer = await ask(sql, claims, "clerk_auth.user_id()", role);
        assert.equal(answer, expected, JSON.stringify(claims));
      }
    }
  });
});

Deno.test("clerk_auth.organization_id() reads the active organization of both token versions, and is null for malformed claims", async () => {
  await rolledBack(async (sql) => {
    const cases: readonly (readonly [Claims, string | null])[] = [
      [{ v: 2, o: { id: "org_1", slg: "one", rol: "admin" } }, "org_1"],
      [{ org_id: "org_1", org_role: "org:admin", org_slug: "one" }, "org_1"],
      [{ o: { id: "org_2" }, org_id: "org_1" }, "org_2"],
      [{ o: { id: "org_1" }, sts: "active" }, "org_1"],
      [{ o: { id: "org_1" }, sts: "pending" }, null],
      [{ org_id: "org_1", sts: "pending" }, null],
      [{ o: {} }, null],
      [{ o: { id: null } }, null],
      [{ o: "org_1" }, null],
      [{ o: 7 }, null],
      [{ o: true }, null],
      [{ o: null }, null],
      [{ o: ["org_1"] }, null],
      [{ o: [{ id: "org_1" }] }, null],
      [{ org_id: null }, null],
      [{ o: null, org_id: "org_1" }, "org_1"],
      [{}, null],
    ];
    for (const [claims, expected] of cases) {
      const answer = await ask(
        sql,
        { sid: "sess_1", sub: "user_1", ...claims },
        "clerk_auth.organization_id()",
      );
      assert.equal(answer, expected, JSON.stringify(claims));
    }
  });
});

Deno.test("a caller without claims is neither a user nor a member", async () => {
  await rolledBack(async (sql) => {
    const { organization } = await addMember(sql);
    for (const claims of ["", null]) {
      await sql`select set_config('request.jwt.claims', ${claims}, true)`;
      for (const role of ["anon", "authenticated"]) {
        await sql.unsafe(`set local role ${role}`);
        const [row] = await sql`
          select clerk_auth.user_id() as user, clerk_auth.organization_id() as organization,
            clerk_auth.role_in(${organization}) as role, clerk_auth.is_member(${organization}) as member,
            clerk_auth.has_role(${organization}, 'org:member') as held, clerk_auth.organization_ids() as ids
        `;
        await sql`reset role`;
        assert.deepEqual({ ...row }, {
          user: null,
          organization: null,
          role: null,
          member: false,
          held: false,
          ids: [],
        });
      }
    }
  });
});

Deno.test("members and admins have their roles, outsiders and anon have none", async () => {
  await rolledBack(async (sql) => {
    const member = await addMember(sql);
    const admin = await addMember(sql, "org:admin");
    assert.equal(await standingOf(sql, member.claims, member.organization), "org:member");
    assert.equal(await standingOf(sql, admin.claims, admin.organization), "org:admin");
    const crossed = `clerk_auth.role_in('${admin.organization}')`;
    assert.equal(await ask(sql, member.claims, crossed), null);
    const outsider = newClerkId();
    await applyFacts(sql, [userFact(outsider)]);
    assert.equal(
      await standingOf(sql, { sid: "sess_1", sub: outsider }, member.organization),
      null,
    );
    assert.equal(await standingOf(sql, { role: "anon" }, member.organization), null);
  });
});

Deno.test("a token's organization claims make nobody a member", async () => {
  await rolledBack(async (sql) => {
    const { organization } = await addMember(sql);
    const claims = {
      sid: "sess_1",
      sub: newClerkId(),
      o: { id: organization, rol: "admin" },
      org_id: organization,
      org_role: "org:admin",
    };
    assert.equal(await ask(sql, claims, "clerk_auth.organization_id()"), organization);
    assert.equal(await standingOf(sql, claims, organization), null);
  });
});

Deno.test("a user can be a member of several organizations, with a role in each", async () => {
  await rolledBack(async (sql) => {
    const user = newClerkId();
    const all = ["org:admin", "org:member", "org:admin"].map((role) => ({
      role,
      ids: { ...newMembershipIds(), user_clerk_id: user },
    }));
    await applyFacts(sql, all.map(({ role, ids }) => membershipFact(ids, { role })));
    const found = async (expression: string) => {
      const answer = await ask(sql, { sid: "sess_1", sub: user }, expression);
      assert.ok(Array.isArray(answer));
      return answer.toSorted();
    };
    const expected = (role?: string) =>
      all.filter((one) => role === undefined || one.role === role)
        .map(({ ids }) => ids.organization_clerk_id).toSorted();
    assert.deepEqual(await found("clerk_auth.organization_ids()"), expected());
    assert.deepEqual(
      await found("clerk_auth.organization_ids('org:admin')"),
      expected("org:admin"),
    );
  });
});

Deno.test("a membership counts as soon as it is known, even if its user and organization are not", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    await applyFacts(sql, [membershipFact(ids)]);
    const claims = { sid: "sess_1", sub: ids.user_clerk_id };
    assert.equal(await standingOf(sql, claims, ids.organization_clerk_id), "org:member");
  });
});

Deno.test("a user is no longer a member once the membership, organization or user is deleted", async () => {
  const deletions = [
    (ids: ReturnType<typeof newMembershipIds>) => membershipDeletedFact(ids, late),
    (ids: ReturnType<typeof newMembershipIds>) =>
      organizationDeletedFact(ids.organization_clerk_id, late),
    (ids: ReturnType<typeof newMembershipIds>) => userDeletedFact(ids.user_clerk_id, late),
  ];
  await rolledBack(async (sql) => {
    for (const deletion of deletions) {
      const { ids, claims, organization } = await addMember(sql, "org:admin");
      await applyFacts(sql, [deletion(ids)]);
      assert.equal(await standingOf(sql, claims, organization), null);
    }
  });
});

Deno.test("a user is not a member while the membership, organization or user is deactivated", async () => {
  await rolledBack(async (sql) => {
    for (
      const [table, column] of [
        ["organization_memberships", "clerk_id"],
        ["organizations", "organization_clerk_id"],
        ["users", "user_clerk_id"],
      ] as const
    ) {
      const { ids, claims, organization } = await addMember(sql, "org:admin");
      await sql`
        update ${sql(`public.${table}`)} set is_active = false where clerk_id = ${ids[column]}
      `;
      assert.equal(await standingOf(sql, claims, organization), null, table);
    }
  });
});

Deno.test("no helper knows a banned, deactivated or deleted user, and lifting a ban or deactivation brings the user back", async () => {
  await rolledBack(async (sql) => {
    const { ids, claims, organization } = await addMember(sql, "org:admin");
    const user = ids.user_clerk_id;
    const withOrganization = { ...claims, o: { id: organization } };
    const known = async () => ({
      user: await ask(sql, withOrganization, "clerk_auth.user_id()"),
      active: await ask(sql, withOrganization, "clerk_auth.organization_id()"),
      role: await standingOf(sql, withOrganization, organization),
    });
    const somebody = { user, active: organization, role: "org:admin" };
    const nobody = { user: null, active: null, role: null };
    assert.deepEqual(await known(), somebody);
    await applyFacts(sql, [userFact(user, { banned: true, clerk_updated_at: early(3) })]);
    assert.deepEqual(await known(), nobody);
    await applyFacts(sql, [userFact(user, { clerk_updated_at: early(4) })]);
    assert.deepEqual(await known(), somebody);
    await sql`update public.users set is_active = false where clerk_id = ${user}`;
    assert.deepEqual(await known(), nobody);
    await sql`update public.users set is_active = true where clerk_id = ${user}`;
    assert.deepEqual(await known(), somebody);
    await applyFacts(sql, [userDeletedFact(user, late)]);
    assert.deepEqual(await known(), nobody);
  });
});

/** A time on a day of January 2026. */
function early(day: number): string {
  return `2026-01-0${day}T00:00:00.000Z`;
}

Deno.test("a session with pending tasks makes nobody a member", async () => {
  await rolledBack(async (sql) => {
    const { claims, organization } = await addMember(sql, "org:admin");
    assert.equal(await standingOf(sql, { ...claims, sts: "pending" }, organization), null);
  });
});

Deno.test("a user who joined again has the new membership's role, even before the old one's deletion arrives", async () => {
  await rolledBack(async (sql) => {
    const { ids, claims, organization } = await addMember(sql, "org:admin");
    const second = { ...ids, clerk_id: newClerkId("orgmem") };
    const times = { clerk_created_at: later, clerk_updated_at: later };
    await applyFacts(sql, [membershipFact(second, { role: "org:member", ...times })]);
    assert.equal(await standingOf(sql, claims, organization), "org:member");
    // A late change of the old membership's role does not affect the new one.
    await applyFacts(sql, [
      membershipFact(ids, { role: "org:owner", clerk_updated_at: "2026-02-01T00:00:00.000Z" }),
    ]);
    assert.equal(await standingOf(sql, claims, organization), "org:member");
    await applyFacts(sql, [membershipDeletedFact(ids, late, { role: "org:owner" })]);
    assert.equal(await standingOf(sql, claims, organization), "org:member");
    // The newest membership has ended, and the old one does not come back.
    await applyFacts(sql, [membershipDeletedFact(second, "2026-01-05T00:00:00.000Z")]);
    assert.equal(await standingOf(sql, claims, organization), null);
  });
  await rolledBack(async (sql) => {
    const { ids, claims, organization } = await addMember(sql, "org:admin");
    const second = { ...ids, clerk_id: newClerkId("orgmem") };
    await applyFacts(sql, [membershipDeletedFact(second, later, { clerk_created_at: later })]);
    assert.equal(
      await standingOf(sql, claims, organization),
      null,
      "the user joined again and left before the first end is known",
    );
  });
});

Deno.test("null and unknown texts name no organization and no role", async () => {
  await rolledBack(async (sql) => {
    const { claims, organization } = await addMember(sql, "org:admin");
    const expected: readonly (readonly [string, unknown])[] = [
      ["clerk_auth.role_in(null)", null],
      ["clerk_auth.is_member(null)", false],
      ["clerk_auth.has_role(null, 'org:admin')", false],
      [`clerk_auth.has_role('${organization}', null)`, false],
      ["clerk_auth.has_role(null, null)", false],
      ["clerk_auth.organization_ids(null)", []],
      ["clerk_auth.is_member('')", false],
      ["clerk_auth.is_member('%')", false],
      [`clerk_auth.is_member('${organization.toUpperCase()}')`, false],
      [`clerk_auth.is_member('${organization} ')`, false],
    ];
    for (const [expression, answer] of expected) {
      assert.deepEqual(await ask(sql, claims, expression), answer, expression);
    }
  });
});

Deno.test("an ended membership without a user and organization makes nobody a member", async () => {
  await rolledBack(async (sql) => {
    const id = newClerkId("orgmem");
    await applyFacts(sql, [{ kind: "membership_deleted", clerk_id: id, deleted_at: late }]);
    await applyFacts(sql, [
      membershipFact({
        ...newMembershipIds(),
        organization_clerk_id: "org_nobody",
        user_clerk_id: null,
      }),
    ]);
    assert.equal(await standingOf(sql, {}, "org_nobody"), null);
    assert.equal(await standingOf(sql, { sub: null }, "org_nobody"), null);
  });
});
