/** examples/plan_column.sql: a column of one's own in users, made from Clerk's public metadata. */
import { createClient, type SupabaseClient } from "@supabase/supabase-js";
import assert from "node:assert/strict";
import { applyFacts } from "../support/database/apply_facts.ts";
import {
  become,
  rolledBack,
  sqlState,
  withEmptyDatabase,
  withSql,
} from "../support/database/connections.ts";
import { describeSchema, readMigrations } from "../support/database/migrations.ts";
import { eventually } from "../support/eventually.ts";
import { newClerkId, userDeletedFact, userFact } from "../support/facts/facts.ts";
import { signIn, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { runningStack } from "../support/stack/running_stack.ts";
import { callWithToken } from "../support/stack/supabase.ts";
import { readExample } from "./installed_example.ts";

/** What this test reads of users, as `supabase gen types` describes it. */
type ExampleDatabase = {
  public: {
    Tables: {
      users: {
        Row: { clerk_id: string; plan: string | null };
        Insert: { clerk_id: string };
        Update: { plan?: string; metadata?: Record<string, string> };
        Relationships: [];
      };
    };
    Views: Record<never, never>;
    Functions: Record<never, never>;
  };
};

const example = await readExample("plan_column");
const removal = "alter table public.users drop column if exists plan";
const insufficientPrivilege = "42501";
const generatedAlways = "428C9";
const later = "2026-01-03T00:00:00.000Z";

function clientOf(key: string, token?: string): SupabaseClient<ExampleDatabase> {
  return createClient<ExampleDatabase>(runningStack().API_URL, key, {
    ...(token === undefined ? {} : { accessToken: () => Promise.resolve(token) }),
  });
}

Deno.test("examples/plan_column.sql shows users their own plan", async (test) => {
  const { PUBLISHABLE_KEY, SERVICE_ROLE_KEY } = runningStack();
  const plan = `plan-${crypto.randomUUID()}`;
  const earlier = await signUp({ publicMetadata: { plan } });
  await webhooksSettled();
  await withSql((sql) => sql.unsafe(example));
  try {
    const other = await signUp({ publicMetadata: { plan } });
    const token = await signIn(earlier.id);
    const owner = clientOf(PUBLISHABLE_KEY, token);
    const server = clientOf(SERVICE_ROLE_KEY);
    await webhooksSettled();

    await test.step("a user reads their own plan and nobody else's", async () => {
      const { data } = await owner.from("users").select("clerk_id, plan").throwOnError();
      assert.deepEqual(data, [{ clerk_id: earlier.id, plan }]);
      const found = await owner.from("users").select("clerk_id").eq("plan", plan).throwOnError();
      assert.deepEqual(found.data, [{ clerk_id: earlier.id }]);
    });

    await test.step("users-me and users-sync show the plan", async () => {
      for (const name of ["users-me", "users-sync"]) {
        const { body } = await callWithToken(name, token);
        assert.match(JSON.stringify(body), new RegExp(`"plan":"${plan}"`));
      }
    });

    await test.step("nobody sets the plan, and metadata is still the user's", async () => {
      // Refused for another reason until the API knows the column.
      await eventually("the API knows the column and refuses to write it", async () => {
        const forged = await owner.from("users").update({ plan: "gold" })
          .eq("clerk_id", earlier.id);
        return forged.error?.code === generatedAlways;
      });
      const metadata = { plan: "gold" };
      await owner.from("users").update({ metadata }).eq("clerk_id", earlier.id).throwOnError();
      const { data } = await owner.from("users").select("plan").single().throwOnError();
      assert.equal(data.plan, plan);
    });

    await test.step("the server finds everybody who has a plan", async () => {
      const { data } = await server.from("users").select("clerk_id").eq("plan", plan)
        .throwOnError();
      assert.deepEqual(
        data.map((row) => row.clerk_id).sort(),
        [earlier.id, other.id].sort(),
      );
    });

    await test.step("anon is refused", async () => {
      const { error } = await clientOf(PUBLISHABLE_KEY).from("users").select("plan");
      assert.equal(error?.code, insufficientPrivilege);
    });
  } finally {
    await withSql((sql) => sql.unsafe(`${removal}; notify pgrst, 'reload schema'`));
  }
});

Deno.test("examples/plan_column.sql: the plan follows the public metadata, and nothing in it is rejected", async () => {
  await rolledBack(async (sql) => {
    await sql.unsafe(example);
    await become(sql, "service_role");
    const id = newClerkId();
    // A random text does not become short enough for an index by compression.
    const long = Array.from({ length: 200 }, () => crypto.randomUUID()).join("");
    let minute = 0;
    for (
      const [publicMetadata, plan] of [
        [{ plan: "pro" }, "pro"],
        [{ plan: 7 }, "7"],
        [{ plan: { name: "pro" } }, '{"name": "pro"}'],
        [{ plan: null }, null],
        [{}, null],
        [{ plan: long }, long.slice(0, 100)],
      ] as const
    ) {
      const fact = userFact(id, {
        public_metadata: publicMetadata,
        clerk_updated_at: new Date(Date.UTC(2026, 0, 2, 0, minute++)).toISOString(),
      });
      const [first] = await applyFacts(sql, [fact]);
      assert.equal(first, minute === 1 ? "created" : "updated");
      assert.deepEqual(await applyFacts(sql, [fact]), ["unchanged"]);
      const [row] = await sql`select plan from public.users where clerk_id = ${id}`;
      assert.equal(row?.plan, plan);
    }
    await applyFacts(sql, [userDeletedFact(id, later)]);
    await sql`select public.purge_deleted_users('0')`;
    const [erased] = await sql`select plan from public.users where clerk_id = ${id}`;
    assert.deepEqual({ ...erased }, { plan: null });
  });
});

Deno.test("examples/plan_column.sql: an update that changes nothing is not stamped, one that does is", async () => {
  await rolledBack(async (sql) => {
    await sql.unsafe(example);
    await become(sql, "service_role");
    const ids = [newClerkId(), newClerkId()];
    for (const [index, publicMetadata] of [{ plan: "pro" }, {}].entries()) {
      const id = String(ids[index]);
      await applyFacts(sql, [userFact(id, { public_metadata: publicMetadata })]);
      // As if the row were from an earlier transaction.
      const update = async (metadata: string) => {
        await sql`update public.users set updated_at = '2026-01-01' where clerk_id = ${id}`;
        await sql`update public.users set metadata = ${metadata}::text::jsonb where clerk_id = ${id}`;
        const [row] = await sql`
          select updated_at > '2026-01-01' as stamped, plan from public.users where clerk_id = ${id}
        `;
        return { ...row };
      };
      const { plan = null } = publicMetadata;
      assert.deepEqual(await update("{}"), { stamped: false, plan });
      assert.deepEqual(await update('{"theme": "dark"}'), { stamped: true, plan });
    }
  });
});

Deno.test("examples/plan_column.sql: the server looks the plan up in the index", async () => {
  await rolledBack(async (sql) => {
    await sql.unsafe(example);
    await become(sql, "service_role");
    await sql`set local enable_seqscan = off`;
    const plan = await sql`explain select * from public.users where plan = 'pro'`;
    assert.match(JSON.stringify([...plan]), /users_plan_idx/);
  });
});

Deno.test("examples/plan_column.sql: the planner's estimates reveal nobody's plan", async () => {
  await rolledBack(async (sql) => {
    await sql.unsafe(example);
    const plans = ["pro", "free"];
    await applyFacts(
      sql,
      Array.from(
        { length: 100 },
        (_, n) => userFact(newClerkId(), { public_metadata: { plan: plans[n === 0 ? 0 : 1] } }),
      ),
    );
    await sql`analyze public.users`;
    const estimates = await Promise.all(plans.map(async (plan) => {
      const [line] = await sql`explain (format json) select from public.users where plan = ${plan}`;
      return JSON.stringify(line).match(/"Plan Rows":\s*(\d+)/)?.[1];
    }));
    assert.ok(estimates[0]);
    assert.equal(estimates[0], estimates[1]);
  });
});

Deno.test("the migrations can run again after plan_column.sql, and leave the column as it is", async () => {
  await withEmptyDatabase(async (sql) => {
    const migrate = async () => {
      for (const migration of await readMigrations()) await sql.unsafe(migration);
    };
    const id = newClerkId();
    await migrate();
    await applyFacts(sql, [userFact(id)]);
    await sql.unsafe(example);
    const before = await describeSchema(sql);
    assert.match(before, /public_metadata ->> 'plan'/);
    await migrate();
    const newer = userFact(id, { public_metadata: { plan: "team" }, clerk_updated_at: later });
    assert.deepEqual(await applyFacts(sql, [newer]), ["updated"]);
    await sql.begin(async (transaction) => {
      await become(transaction, "authenticated", { sub: id, sid: "sess_of_ada" });
      const [row] = await transaction`select plan from public.users`;
      assert.equal(row?.plan, "team");
      const forged = (sql: typeof transaction) => sql`update public.users set plan = default`;
      assert.equal(await sqlState(transaction, forged), insufficientPrivilege);
    });
    // The migrations replace the right on the column by the same right on the table.
    await sql.unsafe(example);
    assert.equal(await describeSchema(sql), before);
  });
});

Deno.test("a table that has such a column already is taken over", async () => {
  await withEmptyDatabase(async (sql) => {
    await sql.unsafe(`
      create table public.users (
        id uuid primary key default gen_random_uuid(), clerk_id text unique not null,
        public_metadata jsonb not null default '{}',
        plan text generated always as (public_metadata ->> 'plan') stored
      );
      insert into public.users (clerk_id, public_metadata) values ('user_ada', '{"plan": "pro"}');
    `);
    for (const migration of await readMigrations()) await sql.unsafe(migration);
    await sql.unsafe(example);
    const [row] = await sql`select plan from public.users`;
    assert.equal(row?.plan, "pro");
    assert.deepEqual(await applyFacts(sql, [userFact("user_ada", { public_metadata: {} })]), [
      "updated",
    ]);
  });
});
