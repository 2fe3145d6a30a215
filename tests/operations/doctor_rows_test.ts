/** Rows that are not as in Clerk, and deliveries that are late, refused or no longer come. */
import { z } from "zod";
import { type Sql, withSql } from "../support/database/connections.ts";
import {
  assertFindings,
  type Chain,
  type Expected,
  startChain,
  withFaults,
} from "./doctor_chain.ts";

let chain: Chain;
Deno.test.beforeAll(async () => {
  chain = await startChain();
});
Deno.test.afterAll(() => chain.stop());

/** Asserts what is found after a change of the database, and undoes it. */
async function afterChange(
  change: (sql: Sql) => Promise<unknown>,
  undo: (sql: Sql) => Promise<unknown>,
  expected: Expected,
): Promise<void> {
  const token = await chain.signIn();
  await withSql(async (sql) => {
    await change(sql);
    try {
      assertFindings(await chain.examine({ token }), expected);
    } finally {
      await undo(sql);
    }
  });
}

/** Deliveries in the ledger that came so many seconds after their events. */
function late(seconds: number, count: number) {
  return (sql: Sql) =>
    sql`
      insert into public.clerk_deliveries (delivery_id, event_type, outcome, received_at, occurred_at)
      select 'late_' || n, 'user.updated', 'updated', now(), now() - make_interval(secs => ${seconds})
      from generate_series(1, ${count}::int) as n
    `;
}

const removeInserted = (sql: Sql) =>
  sql`delete from public.clerk_deliveries where delivery_id ~ '^(late|rejected|invalid|old)_'`;

Deno.test("webhooks that are late are named with how late", async () => {
  await afterChange(late(300, 50), removeInserted, {
    failed: { lag: [/Webhooks are late: half .* within 5 min/, /webhook-attempts/] },
  });
});

Deno.test("some late webhooks are a warning", async () => {
  await afterChange(late(300, 3), removeInserted, {
    warning: { lag: [/Some webhooks are late: .*95 % within 5 min/, /log/] },
  });
});

Deno.test("webhooks that have stopped are named with since when", async () => {
  await afterChange(
    async (sql) => {
      await sql`update public.clerk_deliveries set received_at = received_at - interval '90 days'`;
      await sql`
        insert into public.clerk_deliveries (delivery_id, event_type, outcome, received_at, occurred_at)
        select 'old_' || n, 'user.updated', 'updated', at, at
        from generate_series(1, 1000) as n, lateral (select now() - interval '5 hours' - make_interval(mins => n)) as a (at)
      `;
    },
    async (sql) => {
      await removeInserted(sql);
      await sql`update public.clerk_deliveries set received_at = received_at + interval '90 days'`;
    },
    {
      failed: {
        silence: [/stopped: the newest webhook came 5 h ago.* was 60 s/, /webhook-endpoint/],
      },
    },
  );
});

Deno.test("a ledger without any webhook is a warning", async () => {
  await afterChange(
    (sql) => sql`update public.clerk_deliveries set source = 'users-sync' where source = 'webhook'`,
    (sql) => sql`update public.clerk_deliveries set source = 'webhook' where source = 'users-sync'`,
    { warning: { silence: [/No webhook has ever arrived/, /Change a user/] } },
  );
});

Deno.test("deliveries that the database refuses are named with the most frequent reason", async () => {
  await afterChange(
    (sql) =>
      sql`
        insert into public.clerk_deliveries (delivery_id, event_type, outcome, reason, occurred_at)
        select 'rejected_' || n, 'user.updated', 'rejected', '23514 users users_plan_known', now()
        from generate_series(1, 2) as n
      `,
    removeInserted,
    {
      failed: {
        "refused-deliveries": [/refuses 2 deliveries, most often: 23514 users/, /constraint/],
      },
    },
  );
});

Deno.test("invalid deliveries are a warning", async () => {
  await afterChange(
    (sql) =>
      sql`
        insert into public.clerk_deliveries (delivery_id, event_type, outcome, reason, occurred_at)
        values ('invalid_1', 'user.updated', 'invalid', 'data.id: Invalid input', now())
      `,
    removeInserted,
    {
      warning: {
        "refused-deliveries": [
          /^1 delivery was refused, most often: data\.id/,
          /outcome = 'invalid'.*task replay/,
        ],
      },
    },
  );
});

Deno.test("a count that differs from Clerk's is named for each resource", async () => {
  let at: string | undefined;
  await afterChange(
    async (sql) => {
      const rows =
        await sql`select clerk_created_at::text as at from public.organization_memberships`;
      at = z.object({ at: z.string() }).parse(rows[0]).at;
      await sql`update public.organization_memberships set clerk_created_at = null`;
    },
    (sql) => sql`update public.organization_memberships set clerk_created_at = ${at ?? null}`,
    {
      failed: {
        drift: [/users 2, organizations 1, memberships 1 in Clerk and 0 here/, /task reconcile/],
      },
    },
  );
});

Deno.test("organizations that are switched off in Clerk are not counted", async () => {
  const routes = ["GET /v1/organizations", "GET /v1/organization_memberships"];
  await withFaults(routes.map((route) => ({ route, status: 403 })), async () => {
    assertFindings(await chain.examine(), {});
  });
});

Deno.test("a stale row among those that changed last is named with its columns", async () => {
  await afterChange(
    (sql) =>
      sql`
        update public.users set first_name = 'canary-stale', last_name = 'canary-stale'
        where first_name = 'canary-ada'
      `,
    (sql) =>
      sql`
        update public.users set first_name = 'canary-ada', last_name = 'canary-last'
        where first_name = 'canary-stale'
      `,
    {
      failed: {
        sample: [
          /^1 of the 2 users .* differ from Clerk: user_\w+ is stale \(first_name, last_name\)$/,
          /task reconcile/,
        ],
      },
    },
  );
});

Deno.test("a webhook under way is no difference", async () => {
  const token = await chain.signIn();
  await withSql(async (sql) => {
    await sql`update public.users set first_name = 'canary-late' where first_name = 'canary-ada'`;
    const arrival = setTimeout(async () => {
      await sql`update public.users set first_name = 'canary-ada' where first_name = 'canary-late'`;
    }, 1500);
    assertFindings(await chain.examine({ token }), {});
    clearTimeout(arrival);
  });
});
