/** examples/outbox.sql: an event for whatever happens to a user, and a worker that takes the events. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack, withSql } from "../support/database/connections.ts";
import { newClerkId, userDeletedFact, userFact } from "../support/facts/facts.ts";
import { clerk, signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken } from "../support/stack/supabase.ts";
import { readExample, withInstalled } from "./installed_example.ts";

type Event = {
  id: number;
  user_clerk_id: string;
  kind: string;
  reason: string | null;
  changed: string[];
  taken_until: string | null;
  attempts: number;
};

/** The example as `supabase gen types` describes it. */
type ExampleDatabase = {
  public: {
    Tables: {
      user_events: { Row: Event; Insert: { kind: string }; Update: never; Relationships: [] };
      user_event_failures: {
        Row: { user_id: string };
        Insert: { user_id: string };
        Update: never;
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: {
      take_user_events: { Args: { p_limit?: number; p_lease?: string }; Returns: Event[] };
    };
  };
};

const example = {
  name: "outbox",
  relations: ["user_events", "user_event_failures"],
  removal: `
    drop trigger if exists record_user_event on public.users;
    drop function if exists public.record_user_event(), public.take_user_events(integer, interval);
    drop table if exists public.user_events, public.user_event_failures`,
} as const;

const text = await readExample(example.name);
const insufficientPrivilege = "42501";
const [second, third, fourth] = [2, 3, 4].map((day) => `2026-01-0${day}T00:00:00.000Z`);
assert.ok(second && third && fourth);

function clientOf(key: string, token?: string): SupabaseClient<ExampleDatabase> {
  return createClient<ExampleDatabase>(runningStack().API_URL, key, {
    ...(token === undefined ? {} : { accessToken: () => Promise.resolve(token) }),
  });
}

/** Runs as the service role, with the example in place, within a transaction that is undone. */
async function withExample(run: (sql: TransactionSql) => Promise<void>): Promise<void> {
  await rolledBack(async (sql) => {
    await sql.unsafe(example.removal);
    await sql.unsafe(text);
    await become(sql, "service_role");
    await run(sql);
  });
}

/** Takes away the events, which are then shown as "left deleted" or "changed last_name". */
async function newEvents(sql: TransactionSql): Promise<string[]> {
  const rows = await sql<Event[]>`delete from public.user_events where true returning *`;
  return rows.toSorted((a, b) => Number(a.id) - Number(b.id))
    .map(({ kind, reason, changed }) => [kind, reason, ...changed].filter(Boolean).join(" "));
}

Deno.test("examples/outbox.sql: sign-up, change and deletion at Clerk are one event each", async (test) => {
  await withInstalled(example, async () => {
    const { SERVICE_ROLE_KEY, PUBLISHABLE_KEY } = runningStack();
    const worker = clientOf(SERVICE_ROLE_KEY);
    const { id } = await signUp();
    const token = await signIn(id);
    await webhooksSettled();
    await callWithToken("users-sync", token);
    await clerk().users.updateUser(id, { externalId: "1" });
    await webhooksSettled();
    await clerk().users.deleteUser(id);
    await webhooksSettled();

    await test.step("users and anon see no event and take none", async () => {
      for (const client of [clientOf(PUBLISHABLE_KEY), clientOf(PUBLISHABLE_KEY, token)]) {
        for (const table of example.relations) {
          const { error } = await client.from(table).select();
          assert.equal(error?.code, insufficientPrivilege);
        }
        const { error } = await client.rpc("take_user_events");
        assert.equal(error?.code, insufficientPrivilege);
      }
    });

    await test.step("a worker takes the events, works and deletes them", async () => {
      const { data } = await worker.rpc("take_user_events").throwOnError();
      assert.deepEqual(
        data.map(({ user_clerk_id: user, kind, reason, changed, attempts }) => ({
          user,
          event: [kind, reason, ...changed].filter(Boolean).join(" "),
          attempts,
        })),
        ["signed_up", "changed external_id", "left deleted"].map((event) => ({
          user: id,
          event,
          attempts: 1,
        })),
      );
      assert.deepEqual((await worker.rpc("take_user_events").throwOnError()).data, []);
      await worker.from("user_events").delete().in("id", data.map((event) => event.id))
        .throwOnError();
      assert.deepEqual((await worker.from("user_events").select().throwOnError()).data, []);
    });

    await test.step("two workers never take the same event, and neither waits for the other", async () => {
      const ids = [newClerkId(), newClerkId(), newClerkId()];
      await withSql(async (sql) => {
        await applyFacts(sql, ids.map((id) => userFact(id)));
        const take = async (worker: TransactionSql, limit: number) => {
          await worker`set local statement_timeout = '3s'`;
          return await worker<
            Event[]
          >`select user_clerk_id from public.take_user_events(${limit})`;
        };
        const taken = await sql.begin(async (first) => {
          const some = await take(first, 2);
          const others = await sql.begin((other) => take(other, 10));
          assert.equal(some.length, 2);
          return [...some, ...others];
        });
        assert.deepEqual(taken.map((event) => event.user_clerk_id).sort(), ids.toSorted());
      });
    });

    await test.step("what a worker has not deleted comes again after its lease", async () => {
      const all = { p_limit: 10, p_lease: "-1 second" };
      await withSql((sql) => sql`update public.user_events set taken_until = now() where true`);
      for (const attempts of [2, 3]) {
        const { data } = await worker.rpc("take_user_events", all).throwOnError();
        assert.deepEqual(data.map((event) => event.attempts), Array(3).fill(attempts));
      }
    });
  });
});

Deno.test("examples/outbox.sql: only what changes a user is an event", async () => {
  await withExample(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, { clerk_updated_at: third })]);
    assert.deepEqual(await newEvents(sql), ["signed_up"]);
    // The same state again, an older one, and a later one with nothing but a sign-in.
    await applyFacts(sql, [userFact(id, { clerk_updated_at: third })]);
    await applyFacts(sql, [userFact(id, { clerk_updated_at: second, last_name: "Byron" })]);
    await applyFacts(sql, [userFact(id, { clerk_updated_at: fourth, last_sign_in_at: fourth })]);
    assert.deepEqual(await newEvents(sql), []);
    await become(sql, "authenticated", { sub: id, sid: "sess_of_ada" });
    const updated = await sql`update public.users set metadata = '{"theme": "dark"}'
      where clerk_id = ${id} returning id`;
    assert.equal(updated.length, 1);
    await become(sql, "service_role");
    assert.deepEqual(await newEvents(sql), []);
  });
});

Deno.test("examples/outbox.sql: every changed column is named", async () => {
  await withExample(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id)]);
    const changes = {
      email: "byron@example.com",
      email_verified: false,
      first_name: "Augusta",
      last_name: "Byron",
      username: "ada",
      image_url: null,
      phone: "+15550100",
      external_id: "1",
      public_metadata: {},
    };
    await applyFacts(sql, [userFact(id, { clerk_updated_at: third, ...changes })]);
    assert.deepEqual(await newEvents(sql), [
      "signed_up",
      `changed ${Object.keys(changes).join(" ")}`,
    ]);
  });
});

Deno.test("examples/outbox.sql: a user leaves and returns with each ban, deactivation and deletion", async () => {
  await withExample(async (sql) => {
    const id = newClerkId();
    const setActive = (active: boolean) =>
      sql`update public.users set is_active = ${active} where clerk_id = ${id}`;
    await applyFacts(sql, [userFact(id)]);
    await applyFacts(sql, [userFact(id, { banned: true, clerk_updated_at: third })]);
    await applyFacts(sql, [userFact(id, { clerk_updated_at: fourth })]);
    assert.deepEqual(await newEvents(sql), ["signed_up", "left banned", "returned"]);
    await setActive(false);
    await setActive(true);
    await setActive(false);
    assert.deepEqual(await newEvents(sql), ["left deactivated", "returned", "left deactivated"]);
    await applyFacts(sql, [userDeletedFact(id, fourth)]);
    // An earlier deletion moves deleted_at and is nothing new.
    await applyFacts(sql, [userDeletedFact(id, third)]);
    assert.deepEqual(await newEvents(sql), ["left deleted"]);
    await sql`select public.revive_clerk_user(${id}, 'Deleted by mistake')`;
    assert.deepEqual(await newEvents(sql), []);
    await setActive(true);
    assert.deepEqual(await newEvents(sql), ["returned"]);
  });
});

Deno.test("examples/outbox.sql: a tombstone and its late state are no event, its revival is", async () => {
  await withExample(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userDeletedFact(id, fourth)]);
    await applyFacts(sql, [userFact(id)]);
    assert.deepEqual(await newEvents(sql), []);
    await sql`select public.purge_deleted_users('0')`;
    assert.deepEqual(await newEvents(sql), []);
    await sql`select public.revive_clerk_user(${id}, 'Deleted by mistake')`;
    await applyFacts(sql, [userFact(id, { username: "ada" })]);
    const [returned, changed] = await newEvents(sql);
    assert.equal(returned, "returned");
    assert.match(String(changed), /^changed email .*username/);
  });
});

Deno.test("examples/outbox.sql: somebody who was banned at their first state only returns", async () => {
  await withExample(async (sql) => {
    const id = newClerkId();
    await applyFacts(sql, [userFact(id, { banned: true })]);
    assert.deepEqual(await newEvents(sql), []);
    await applyFacts(sql, [userFact(id, { clerk_updated_at: third })]);
    assert.deepEqual(await newEvents(sql), ["returned"]);
  });
});

Deno.test("examples/outbox.sql: an event that cannot be written is noted, and the user is still synchronised", async () => {
  for (
    const obstacle of [
      { sql: "alter table public.user_events drop column changed", sqlstate: "42703" },
      {
        sql: `create function public.assert_nothing() returns trigger language plpgsql as
            $$ begin assert false, 'nobody'; end $$;
          create trigger assert_nothing before insert on public.user_events
            for each row execute function public.assert_nothing()`,
        sqlstate: "P0004",
      },
    ]
  ) {
    await withExample(async (sql) => {
      await sql`reset role`;
      await sql.unsafe(obstacle.sql);
      await become(sql, "service_role");
      const id = newClerkId();
      assert.deepEqual(await applyFacts(sql, [userFact(id)]), ["created"]);
      const failures = await sql`
        select u.clerk_id, f.sqlstate from public.user_event_failures as f
        join public.users as u on u.id = f.user_id
      `;
      assert.deepEqual(failures.map((row) => ({ ...row })), [
        { clerk_id: id, sqlstate: obstacle.sqlstate },
      ]);
    });
  }
});

Deno.test("examples/outbox.sql: synchronisation goes on without the example's tables", async () => {
  await withExample(async (sql) => {
    await sql`reset role`;
    await sql`drop function public.take_user_events(integer, interval)`;
    await sql`drop table public.user_events, public.user_event_failures`;
    await become(sql, "service_role");
    const id = newClerkId();
    assert.deepEqual(await applyFacts(sql, [userFact(id)]), ["created"]);
    assert.deepEqual(await applyFacts(sql, [userDeletedFact(id, third)]), ["updated"]);
  });
});

Deno.test("examples/outbox.sql: a batch does not wait for tables that a migration has locked", async () => {
  const ids = Array.from({ length: 50 }, newClerkId);
  await withSql(async (sql) => {
    try {
      await sql.unsafe(example.removal);
      await sql.unsafe(text);
      await sql.begin(async (holder) => {
        await holder`lock table public.user_events, public.user_event_failures
          in access exclusive mode`;
        await sql.begin(async (writer) => {
          await become(writer, "service_role");
          await writer`set local statement_timeout = '5s'`;
          const outcomes = await applyFacts(writer, ids.map((id) => userFact(id)));
          assert.deepEqual(new Set(outcomes), new Set(["created"]));
        });
      });
    } finally {
      await sql.unsafe(example.removal);
      await sql`delete from public.users where clerk_id in ${sql(ids)}`;
    }
  });
});
