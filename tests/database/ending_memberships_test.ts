/** What it costs to end many memberships at once. */
import assert from "node:assert/strict";
import { createPrinter } from "../../local/printer.ts";
import { applyFacts } from "../support/database/apply_facts.ts";
import { rolledBack } from "../support/database/connections.ts";
import { newClerkId, organizationDeletedFact } from "../support/facts/facts.ts";

/** Inserts 50,000 memberships and ends them with their organization. Returns the milliseconds of both. */
async function timeEnds(): Promise<{ inserting: number; ending: number }> {
  let times = { inserting: 0, ending: 0 };
  await rolledBack(async (sql) => {
    const organization = newClerkId("org");
    const beganInsert = performance.now();
    await sql`
      insert into public.organization_memberships (clerk_id, organization_clerk_id, user_clerk_id, role)
      select 'orgmem_' || i || ${organization}, ${organization}, 'user_' || i, 'org:member'
      from generate_series(1, 50000) as i
    `;
    const began = performance.now();
    assert.deepEqual(
      await applyFacts(sql, [organizationDeletedFact(organization, "2026-01-03T00:00:00.000Z")]),
      [
        "created",
      ],
    );
    times = { inserting: began - beganInsert, ending: performance.now() - began };
    const [left] = await sql`
      select count(*)::int as active from public.organization_memberships
      where organization_clerk_id = ${organization} and is_active
    `;
    assert.equal(left?.active, 0);
  });
  return times;
}

// Supabase's statement timeout is 8 s. On an idle machine this takes 2 s. On a busy one the ratio holds,
// but not at every moment, so that it has three tries.
Deno.test("ending 50,000 memberships takes no more than 2.5 times as long as inserting them", async () => {
  for (let tries = 1;; tries++) {
    const { inserting, ending } = await timeEnds();
    const times = `inserted in ${Math.round(inserting)} ms, ended in ${Math.round(ending)} ms`;
    createPrinter().line(`50,000 memberships ${times}`);
    if (ending < 2.5 * inserting) return;
    assert.ok(tries < 3, times);
  }
});
