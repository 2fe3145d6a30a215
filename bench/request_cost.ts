/**
 * Measures PostgreSQL's CPU for one request through PostgREST, ours against what the peers send, one
 * request at a time. Reads what its processes have used from /proc, so it needs Linux.
 *
 * deno run -A bench/request_cost.ts [--rounds N] [--requests N] [--rows N]
 */
import assert from "node:assert/strict";
import { parseArgs } from "node:util";
import { createClient } from "@supabase/supabase-js";
import { z } from "zod";
import { keepLoopbackDirect } from "../local/direct_loopback.ts";
import { createPrinter } from "../local/printer.ts";
import { createDatabaseClient } from "../supabase/functions/_shared/database/client.ts";
import { newSeed, seededRandom } from "../tests/support/random.ts";
import { untilInterrupted } from "../tests/support/until_interrupted.ts";
import { median } from "./throughput/contest.ts";
import { openSite, type Site } from "./throughput/site.ts";
import { peerTable } from "./throughput/tables.ts";
import { createFacts } from "./write_path/facts.ts";

const whole = z.coerce.number().int().min(1);
const { rounds, requests, rows } = z.object({
  rounds: whole.default(9),
  requests: whole.default(200),
  rows: whole.default(20_000),
}).parse(
  parseArgs({
    options: {
      rounds: { type: "string" },
      requests: { type: "string" },
      rows: { type: "string" },
    },
  }).values,
);

type Request = () => Promise<void>;

const printer = createPrinter();
const facts = createFacts(seededRandom(newSeed()));
keepLoopbackDirect();
await untilInterrupted(measure);

async function measure(): Promise<void> {
  const directory = await Deno.makeTempDir({ prefix: "clerk-supabase-sync-bench-" });
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => Deno.remove(directory, { recursive: true }));
  const site = cleanUp.use(await openSite(rows, directory));
  const costs = new Map<string, number[]>();
  // The first round warms up.
  for (let round = 0; round <= rounds; round++) {
    for (const [name, request] of requestsTo(site)) {
      const before = await processorTime(site);
      for (let count = 0; count < requests; count++) await request();
      const cost = (await processorTime(site) - before) / requests;
      if (round > 0) costs.set(name, [...costs.get(name) ?? [], cost]);
    }
  }
  for (const [name, measured] of costs) {
    printer.line(`${name.padEnd(28)} ${median(measured).toFixed(0)} µs`);
  }
}

/** Ours go through the functions' client, the peers' as in throughput/peers. */
function requestsTo({ url, values: { SERVICE_ROLE_KEY: key } }: Site): Map<string, Request> {
  const ours = createDatabaseClient({ url, key });
  const supabase = createClient(url, key);
  const peer = () => supabase.from(peerTable);
  const newId = () => `user_${crypto.randomUUID()}`;
  const knownId = () => facts.newer(rows, 1, false)[0]?.clerk_id ?? "";

  async function write(outcome: string, id?: string): Promise<void> {
    const batch = facts.newer(rows, 1, false).map((fact) => ({
      ...fact,
      clerk_id: id ?? fact.clerk_id,
      // The ledger already has entries with the ids that the facts give to their deliveries.
      delivery: {
        id: `msg_${crypto.randomUUID()}`,
        type: id ? "user.created" : "user.updated",
        source: "webhook" as const,
        occurred_at: null,
      },
    }));
    const applied = await ours.applyFacts(batch, { returnUsers: false });
    assert.equal(applied.ok && applied.value[0]?.outcome, outcome);
  }

  async function upsert(id: string): Promise<void> {
    const { error } = await peer().upsert({
      clerk_id: id,
      email: `${id}@example.com`,
      first_name: "Ada",
      last_name: `Lovelace ${Math.random()}`,
      image_url: "https://img.clerk.com/eyJ0eXBlIjoiZGVmYXVsdCIsImlpZCI6Imluc18x",
      updated_at: new Date().toISOString(),
    }, { onConflict: "clerk_id" });
    assert.equal(error, null);
  }

  return new Map([
    ["sign-up, ours", () => write("created", newId())],
    ["sign-up, peer", () => upsert(newId())],
    ["change, ours", () => write("updated")],
    ["change, peer", () => upsert(knownId())],
    ["read, ours", async () => {
      const found = await ours.findUsers([knownId()]);
      assert.ok(found.ok && found.value[0]);
    }],
    ["read, peer", async () => {
      const { data } = await peer().select().eq("clerk_id", knownId()).maybeSingle();
      assert.ok(data);
    }],
  ]);
}

/** Microseconds of CPU that PostgreSQL's processes for the API have used. */
async function processorTime({ sql }: Site): Promise<number> {
  const backends = await sql`select pid from pg_stat_activity where usename = 'authenticator'`;
  let nanoseconds = 0;
  for (const { pid } of backends) {
    // Its first field is the time on a processor.
    nanoseconds += parseInt(await Deno.readTextFile(`/proc/${pid}/schedstat`));
  }
  return nanoseconds / 1000;
}
