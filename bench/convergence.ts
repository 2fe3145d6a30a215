/**
 * Counts the users that end up wrong. The same histories of Clerk's users go, in the same plans, to
 * the handlers that others use and to ours. Each peer listens on loopback and writes to its own table
 * through the same gateway and PostgREST. Ours is the deployed function behind the gateway.
 *
 * deno run -A bench/convergence.ts [--seed N] [--histories N]
 */
import { createClient } from "@supabase/supabase-js";
import { parseArgs } from "node:util";
import postgres, { type Sql } from "postgres";
import { z } from "zod";
import { createPrinter } from "../local/printer.ts";
import type { StackValues } from "../local/values.ts";
import { serveLoopback } from "../tests/support/loopback_server.ts";
import { newSeed, seededRandom } from "../tests/support/random.ts";
import { withOwnStack } from "../tests/support/stack/own_stack.ts";
import { createClerkNow } from "./convergence/clerk_now.ts";
import { createHistory, isDeleted } from "./convergence/history.ts";
import { createMeasurement } from "./convergence/measurement.ts";
import { createPeerTables } from "./convergence/peer_tables.ts";
import { createPlans } from "./convergence/plan.ts";
import { renderTallies, type Tally } from "./convergence/tally.ts";
import { rightRows } from "./convergence/verdict.ts";
import { firstAddress } from "./peers/first_address.ts";
import { hardDelete } from "./peers/hard_delete.ts";
import { insertUpdate } from "./peers/insert_update.ts";
import { createPeerHandler, type Peer, type PeerResources, readPeerUser } from "./peers/peer.ts";
import { readThenWrite } from "./peers/read_then_write.ts";
import { softDelete } from "./peers/soft_delete.ts";
import { eventTime, ownClock } from "./peers/synced_at.ts";
import { whereNewer } from "./peers/where_newer.ts";
import { whereNewerTombstone } from "./peers/where_newer_tombstone.ts";

const peers: readonly Peer[] = [
  firstAddress,
  hardDelete,
  softDelete,
  insertUpdate,
  readThenWrite,
  whereNewer,
  ownClock,
  eventTime,
  whereNewerTombstone,
];

const printer = createPrinter();
const whole = z.coerce.number().int().min(1);
const { seed, histories: count } = z.object({
  seed: whole.default(newSeed),
  histories: whole.default(500),
}).parse(
  parseArgs({ options: { seed: { type: "string" }, histories: { type: "string" } } }).values,
);

const random = seededRandom(seed);
const histories = Array.from({ length: count }, () => createHistory(random));
const deleted = histories.filter(isDeleted).length;
const tied = histories.filter((history) => rightRows(history).length > 1).length;
printer.line(
  `seed ${seed}, ${count} histories: ${deleted} end with a deletion, in ${tied} the newest states have equal times`,
);
const plans = histories.map((history) => createPlans(history, random));
await using clerk = createClerkNow(seededRandom(seed));
const tallies = await withOwnStack(
  {},
  ({ stack }) => run(stack.values),
);
printer.line(`\n${renderTallies(tallies)}`);
const ours = tallies.at(-1);
// The run fails if our own rows do not converge.
if (ours && (ours.faults.size > 0 || ours.different > 0 || ours.answers.errors > 0)) {
  Deno.exitCode = 1;
}

async function run(values: StackValues): Promise<Tally[]> {
  const sql = postgres(values.DB_URL, { onnotice: () => {} });
  try {
    await createPeerTables(sql, peers);
    return await measureAll(sql, values);
  } finally {
    await sql.end();
  }
}

async function measureAll(sql: Sql, values: StackValues): Promise<Tally[]> {
  const secret = values.CLERK_WEBHOOK_SECRET;
  const resources: PeerResources = {
    supabase: createClient(values.API_URL, values.SERVICE_ROLE_KEY, {
      auth: { persistSession: false, autoRefreshToken: false, detectSessionInUrl: false },
    }),
    readUser: async (clerkId) => {
      const response = await fetch(`${clerk.url}/v1/users/${clerkId}`);
      if (response.ok) return readPeerUser(await response.json());
      await response.body?.cancel();
      return null;
    },
  };
  const measure = createMeasurement({ histories, plans, clerk, sql, print: printer.line });
  const tallies: Tally[] = [];
  for (const peer of peers) {
    await using server = serveLoopback(createPeerHandler(peer, secret, resources));
    tallies.push(await measure(peer.title, peer.table, { url: server.url, secret }));
  }
  const url = `${values.API_URL}/functions/v1/clerk-webhook`;
  return [...tallies, await measure("**ours**", "users", { url, secret })];
}
