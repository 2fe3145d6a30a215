import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { become, rolledBack, sqlState } from "../support/database/connections.ts";
import {
  membershipFact,
  newClerkId,
  newMembershipIds,
  userDeletedFact,
  userFact,
} from "../support/facts/facts.ts";

// An application may add constraints and triggers that refuse some rows. The row "Bad" is refused,
// whatever the error's class, and the rest of its batch is written.

interface Refusal {
  readonly what: string;
  /** Makes the database refuse a user whose first name is Bad. */
  readonly sql: string;
  readonly reason: string;
}

/** An application's trigger that runs this for the bad row. */
function trigger(body: string, kind = "before insert or update"): string {
  return `
    create function public.application() returns trigger language plpgsql as $$
    begin
      if new.first_name = 'Bad' then ${body} end if;
      return new;
    end $$;
    create trigger application ${kind} on public.users for each row
    execute function public.application();
  `;
}

const refusals: readonly Refusal[] = [
  {
    what: "a CHECK",
    sql: "alter table public.users add constraint no_bad check (first_name <> 'Bad')",
    reason: "23514 users no_bad",
  },
  {
    what: "a required column that we do not fill",
    sql: `
      alter table public.users add column tenant text not null default 'a';
      ${trigger("new.tenant := null;")}
    `,
    reason: "23502 users.tenant",
  },
  {
    what: "a unique index on one of our columns",
    sql: `
      insert into public.users (clerk_id, username) values ('user_taken', 'taken');
      create unique index users_username_key on public.users (username);
      ${trigger("new.username := 'taken';")}
    `,
    reason: "23505 users users_username_key",
  },
  {
    what: "a deferred foreign key",
    sql: `
      create table public.teams (name text primary key);
      insert into public.teams values ('Good');
      alter table public.users add constraint users_team foreign key (first_name)
        references public.teams (name) deferrable initially deferred;
    `,
    reason: "23503 users users_team",
  },
  {
    what: "a deferred constraint trigger",
    sql: `
      create function public.application() returns trigger language plpgsql as $$
      begin
        if new.first_name = 'Bad' then raise exception 'Bad is bad@example.com'; end if;
        return null;
      end $$;
      create constraint trigger application after insert or update on public.users
        deferrable initially deferred for each row execute function public.application();
    `,
    reason: "P0001 in public.application",
  },
  {
    what: "a trigger that raises",
    sql: trigger("raise exception 'Bad is bad@example.com';"),
    reason: "P0001 in public.application",
  },
  {
    what: "a trigger that skips the row",
    sql: trigger("return null;", "before insert"),
    reason: "27000",
  },
  {
    what: "a trigger that lacks a right to write",
    sql: `
      create table public.audit (who text);
      revoke all on public.audit from service_role;
      ${trigger("insert into public.audit values (new.email);")}
    `,
    reason: "42501 in public.application",
  },
  {
    what: "a trigger whose table is missing",
    sql: trigger("insert into public.not_there values (new.email);"),
    reason: "42P01 in public.application",
  },
  {
    what: "a trigger whose function is missing",
    sql: trigger("perform public.not_there(new.email);"),
    reason: "42883 in public.application",
  },
  {
    what: "a trigger that divides by zero",
    sql: trigger("new.last_name := (1 / 0)::text;"),
    reason: "22012 in public.application",
  },
  {
    what: "a trigger that raises object_not_in_prerequisite_state",
    sql: trigger("raise object_not_in_prerequisite_state;"),
    reason: "55000 in public.application",
  },
  {
    what: "a trigger with the application's own error class",
    sql: trigger("raise exception using errcode = 'APP01';"),
    reason: "APP01 in public.application",
  },
  {
    what: "a trigger whose assertion fails",
    sql: trigger("assert new.email is null;"),
    reason: "P0004 in public.application",
  },
];

async function applyAll(sql: TransactionSql, facts: readonly unknown[]) {
  const items = await sql`
    select outcome, reason from public.apply_clerk_facts(${JSON.stringify(facts)}::text::jsonb)
  `;
  return items.map(({ outcome, reason }) => [outcome, reason]);
}

/** What the ledger says about a delivery. */
async function readEntry(sql: TransactionSql, id: string) {
  const [entry] = await sql`
    select outcome, reason from public.clerk_deliveries where delivery_id = ${id}
  `;
  return { ...entry };
}

/** A sign-up has a way of its own into the table. */
const types = ["user.created", "user.updated"];

for (const { what, sql: application, reason } of refusals) {
  Deno.test(`a row refused by ${what} is rejected alone, and recorded with SQLSTATE and names`, async () => {
    await rolledBack(async (sql) => {
      // Some of these would refuse rows that other tests have left.
      await sql`delete from public.users`;
      await sql.unsafe(application);
      await become(sql, "service_role");
      const [good, bad] = [newClerkId(), newClerkId()];
      const delivery = { id: crypto.randomUUID(), type: "user.created", source: "webhook" };
      const facts = [
        { ...userFact(bad, { first_name: "Bad" }), delivery },
        userFact(good, { first_name: "Good" }),
      ];
      assert.deepEqual(await applyAll(sql, facts), [["rejected", reason], ["created", null]]);
      assert.deepEqual(await readEntry(sql, delivery.id), { outcome: "rejected", reason });
    });
  });

  Deno.test(`a row refused by ${what} is rejected and recorded in the same way if it comes alone`, async () => {
    await rolledBack(async (sql) => {
      await sql`delete from public.users`;
      await sql.unsafe(application);
      await become(sql, "service_role");
      for (const type of types) {
        const delivery = { id: crypto.randomUUID(), type, source: "webhook" };
        const fact = { ...userFact(newClerkId(), { first_name: "Bad" }), delivery };
        assert.deepEqual(await applyAll(sql, [fact]), [["rejected", reason]], type);
        assert.deepEqual(await readEntry(sql, delivery.id), { outcome: "rejected", reason }, type);
      }
    });
  });
}

const witness = "create table public.seen (name text);";

for (const type of types) {
  const bad = () => ({
    ...userFact(newClerkId(), { first_name: "Bad" }),
    delivery: { id: crypto.randomUUID(), type, source: "webhook" },
  });

  Deno.test(`a ${type} that a trigger keeps out leaves nothing of what the trigger did`, async () => {
    await rolledBack(async (sql) => {
      await sql.unsafe(
        witness + trigger("insert into public.seen values ('Bad'); return null;", "before insert"),
      );
      const [[outcome] = []] = await applyAll(sql, [bad()]);
      assert.equal(outcome, "rejected");
      assert.deepEqual([...await sql`select from public.seen`], []);
    });
  });

  Deno.test(`a ${type} that comes again does not reach the application's triggers`, async () => {
    await rolledBack(async (sql) => {
      await sql.unsafe(witness + trigger("insert into public.seen values ('Bad');"));
      const fact = bad();
      assert.deepEqual(await applyAll(sql, [fact]), [["created", null]]);
      assert.deepEqual(await applyAll(sql, [fact]), [["duplicate", null]]);
      assert.equal((await sql`select from public.seen`).length, 1);
    });
  });
}

Deno.test("a rejected delivery is applied when it is repeated after the application accepts it", async () => {
  await rolledBack(async (sql) => {
    await sql.unsafe(trigger("raise exception 'not yet';"));
    const delivery = { id: crypto.randomUUID(), type: "user.created", source: "webhook" };
    const fact = { ...userFact(newClerkId(), { first_name: "Bad" }), delivery };
    assert.deepEqual((await applyAll(sql, [fact]))[0]?.[0], "rejected");
    await sql`drop trigger application on public.users`;
    assert.deepEqual(await applyAll(sql, [fact]), [["created", null]]);
    const [entry] = await sql`
      select outcome, reason, attempts from public.clerk_deliveries
      where delivery_id = ${delivery.id}
    `;
    assert.deepEqual({ ...entry }, { outcome: "created", reason: null, attempts: 2 });
  });
});

Deno.test("a user's deletion that cannot end a membership is rejected as a whole, and the rest of the batch is not", async () => {
  await rolledBack(async (sql) => {
    const ids = newMembershipIds();
    const other = newClerkId();
    await applyAll(sql, [userFact(ids.user_clerk_id), membershipFact(ids), userFact(other)]);
    await sql.unsafe(`
      create function public.application() returns trigger language plpgsql as $$
      begin raise exception 'members stay'; end $$;
      create trigger application before update on public.organization_memberships for each row
      execute function public.application();
    `);
    const at = "2026-01-05T00:00:00Z";
    assert.deepEqual(
      await applyAll(sql, [userDeletedFact(ids.user_clerk_id, at), userDeletedFact(other, at)]),
      [["rejected", "P0001 in public.application"], ["updated", null]],
    );
    const [row] = await sql`
      select is_active from public.users where clerk_id = ${ids.user_clerk_id}
    `;
    assert.equal(row?.is_active, true);
  });
});

for (
  const [state, what] of [["40001", "a conflict"], ["53100", "a full disk"], [
    "57P01",
    "a shutdown",
  ]]
) {
  Deno.test(`${what} fails the whole call, which can be repeated`, async () => {
    await rolledBack(async (sql) => {
      await sql.unsafe(trigger(`raise exception using errcode = '${state}';`));
      for (const type of types) {
        const delivery = { id: crypto.randomUUID(), type };
        const fact = { ...userFact(newClerkId(), { first_name: "Bad" }), delivery };
        assert.equal(await sqlState(sql, (savepoint) => applyAll(savepoint, [fact])), state);
      }
    });
  });
}

Deno.test("a missing table of ours fails the whole call", async () => {
  await rolledBack(async (sql) => {
    await sql`drop table public.organization_memberships cascade`;
    const fact = membershipFact(newMembershipIds());
    const state = await sqlState(sql, (savepoint) => applyAll(savepoint, [fact]));
    assert.match(state ?? "", /^42P01$|^42883$/);
  });
});
