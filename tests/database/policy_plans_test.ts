/**
 * What Row Level Security costs on an application's table of a million rows, with the policies from the
 * comments of schema clerk_auth. The index is used, the caller is looked up once per statement, and the
 * rest costs what the same query costs the table's owner, who names the organizations in it.
 */
import assert from "node:assert/strict";
import type { TransactionSql } from "postgres";
import { z } from "zod";
import { createPrinter } from "../../local/printer.ts";
import { applyFacts } from "../support/database/apply_facts.ts";
import { become, rolledBack } from "../support/database/connections.ts";
import { membershipFact, newClerkId } from "../support/facts/facts.ts";

const organizations = 100;
const rowsInEach = 10_000;
/** PostgreSQL's estimate for an array whose length it does not know yet. */
const ownOrganizations = 10;
/** The most that a query may cost, as a multiple of the owner's. */
const mostCost = 1.2;
const runs = 3;

const node = z.looseObject({
  "Node Type": z.string(),
  "Subplan Name": z.string().optional(),
  "Actual Loops": z.number(),
  "Total Cost": z.number(),
  "Actual Rows": z.number(),
  "Shared Hit Blocks": z.number(),
  "Shared Read Blocks": z.number(),
  get Plans() {
    return z.array(node).optional();
  },
});
type Node = z.infer<typeof node>;

const explained = z.tuple([z.object({ Plan: node, "Execution Time": z.number() })]);

interface Measured {
  readonly plan: Node;
  /** Milliseconds. */
  readonly time: number;
}

const organization = (index: number) => `org_${index}`;

/** Fills a table like an application's, and returns a user who belongs to its first organizations. */
async function fillScratchTable(sql: TransactionSql): Promise<string> {
  await sql.unsafe(`
    create unlogged table public.scratch (
      id bigint not null, organization_clerk_id text not null, amount integer not null, note text
    );
    insert into public.scratch
    select i, 'org_' || i / ${rowsInEach}, i % 97, repeat('x', 60)
    from generate_series(0, ${organizations * rowsInEach - 1}) as i;
    create index scratch_organization_clerk_id_idx on public.scratch (organization_clerk_id);
    -- With a large sample, every run has the same estimate of an organization's share.
    alter table public.scratch alter column organization_clerk_id set statistics 1000;
    analyze public.scratch;
    alter table public.scratch enable row level security;
    grant all on public.scratch to authenticated;
  `);
  const user = newClerkId();
  await applyFacts(
    sql,
    Array.from({ length: ownOrganizations }, (_, index) =>
      membershipFact(
        {
          clerk_id: newClerkId("orgmem"),
          organization_clerk_id: organization(index),
          user_clerk_id: user,
        },
        { role: "org:admin" },
      )),
  );
  return user;
}

/** Explains a query and undoes it. */
async function explain(sql: TransactionSql, query: string): Promise<Measured> {
  let measured: Measured | undefined;
  await sql.savepoint(async (savepoint) => {
    const [row] = await savepoint.unsafe(
      `explain (analyze, buffers, timing off, format json) ${query}`,
    );
    const [{ Plan: plan, "Execution Time": time }] = explained.parse(row?.["QUERY PLAN"]);
    measured = { plan, time };
    throw new Undone();
  }).catch((error) => {
    if (!(error instanceof Undone)) throw error;
  });
  assert.ok(measured);
  return measured;
}

class Undone extends Error {}

function nodesOf(plan: Node): Node[] {
  return [plan, ...(plan.Plans ?? []).flatMap(nodesOf)];
}

function blocksOf({ plan }: Measured): number {
  return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"];
}

/** Asserts that a plan looks up the caller once and finds the rows by the index. */
function assertLooksUpOnce({ plan }: Measured): void {
  const nodes = nodesOf(plan);
  const asked = nodes.filter((one) => one["Subplan Name"]?.startsWith("InitPlan"));
  assert.ok(asked.length > 0, "the caller is looked up before the rows");
  for (const one of asked) assert.equal(one["Actual Loops"], 1);
  for (const one of nodes.filter((one) => !asked.includes(one))) {
    assert.notEqual(one["Node Type"], "Seq Scan");
    const conditions = ["Filter", "Index Cond", "Recheck Cond"].map((name) => one[name]);
    assert.ok(!JSON.stringify(conditions).includes("clerk_auth."), JSON.stringify(conditions));
  }
  assert.match(JSON.stringify(plan), /scratch_organization_clerk_id_idx/);
}

interface Case {
  readonly name: string;
  /** Policies of the scratch table. */
  readonly policies: string;
  /** The user's query. */
  readonly query: string;
  /** The condition of the owner, who has no policies. */
  readonly condition: string;
}

const several = Array.from({ length: ownOrganizations }, (_, index) => `'${organization(index)}'`);
const anyOfThem = `organization_clerk_id = any (array[${several}])`;
const theActive = `organization_clerk_id = '${organization(0)}'`;
const memberOfAny = "organization_clerk_id = any ((select clerk_auth.organization_ids())::text[])";
const adminOfAny =
  "organization_clerk_id = any ((select clerk_auth.organization_ids('org:admin'))::text[])";
const activeAnd = (also: string) =>
  `organization_clerk_id = (select clerk_auth.organization_id()) and (select ${also})`;
const memberOfActive = activeAnd("clerk_auth.is_member(clerk_auth.organization_id())");
const adminOfActive = activeAnd("clerk_auth.has_role(clerk_auth.organization_id(), 'org:admin')");

const readAll = "select sum(amount) from public.scratch";
const readPolicy = (condition: string) =>
  `create policy p on public.scratch for select to authenticated using (${condition});`;
const writePolicies = (condition: string) =>
  `${readPolicy(condition)}
  create policy u on public.scratch for update to authenticated using (${condition}) with check (${condition});
  create policy d on public.scratch for delete to authenticated using (${condition});`;

const cases: readonly Case[] = [
  { name: "Reading", policies: readPolicy(memberOfAny), query: readAll, condition: anyOfThem },
  {
    name: "Reading in the active organization",
    policies: readPolicy(memberOfActive),
    query: readAll,
    condition: theActive,
  },
  {
    name: "Updating as an admin",
    policies: writePolicies(adminOfAny),
    query: "update public.scratch set amount = amount + 1",
    condition: anyOfThem,
  },
  {
    name: "Updating as an admin of the active organization",
    policies: writePolicies(adminOfActive),
    query: "update public.scratch set amount = amount + 1",
    condition: theActive,
  },
  {
    name: "Deleting as an admin of the active organization",
    policies: writePolicies(adminOfActive),
    query: "delete from public.scratch",
    condition: theActive,
  },
];

const { line: print } = createPrinter();

Deno.test("policies over a million rows look up the caller once, use the index and cost at most 1.2 times the bare query", async (test) => {
  await rolledBack(async (sql) => {
    const user = await fillScratchTable(sql);
    for (const { name, policies, query, condition } of cases) {
      await test.step(name, async () => {
        await sql.unsafe(policies);
        const asUser = async () => {
          await become(sql, "authenticated", {
            sid: "sess_1",
            sub: user,
            o: { id: organization(0) },
          });
          const measured = await explain(sql, query);
          await sql`reset role`;
          return measured;
        };
        const asOwner = () => explain(sql, `${query} where ${condition}`);
        // The first run fills the cache and sets hint bits in the rows.
        await asOwner();
        await asUser();
        const [byOwner, byUser]: [Measured[], Measured[]] = [[], []];
        for (let run = 0; run < runs; run++) {
          byOwner.push(await asOwner());
          byUser.push(await asUser());
        }
        byUser.forEach(assertLooksUpOnce);
        const ratio = (figure: (measured: Measured) => number) =>
          Math.min(...byUser.map(figure)) / Math.min(...byOwner.map(figure));
        const cost = ratio(({ plan }) => plan["Total Cost"]);
        const blocks = ratio(blocksOf);
        const time = ratio(({ time }) => time);
        print(
          `${name}: ${cost.toFixed(3)} times the estimated cost, ${blocks.toFixed(3)} the pages, ` +
            `${time.toFixed(2)} the time`,
        );
        assert.ok(cost <= mostCost, `estimated cost: ${cost}`);
        assert.ok(blocks <= mostCost, `pages: ${blocks}`);
        await sql.unsafe(`
          drop policy p on public.scratch;
          drop policy if exists u on public.scratch;
          drop policy if exists d on public.scratch;
        `);
      });
    }
  });
});
