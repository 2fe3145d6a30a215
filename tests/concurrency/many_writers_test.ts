/** Every path at once on the same users. CONCURRENCY_SECONDS makes it last longer, SEED repeats it. */
import assert from "node:assert/strict";
import { connect } from "../support/database/connections.ts";
import { pause } from "../support/eventually.ts";
import { createChronicle } from "../support/facts/chronicle.ts";
import { millisecondsOf } from "../support/facts/user_states.ts";
import { assertConverged, assertErased } from "../support/model/oracle.ts";
import { assertOrganizationsConverged } from "../support/model/organization_oracle.ts";
import { printedSeed, type Random, seededRandom } from "../support/random.ts";
import { clerk, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { assertAsInClerk, readMessages } from "../support/stack/clerk_users.ts";
import { backend, readRow } from "../support/stack/supabase.ts";
import {
  createOwnMetadataWriter,
  createServerMetadataWriter,
  purge,
  type WrittenMetadata,
} from "./application_writers.ts";
import { applyOverHttp, applyOverSql } from "./bulk.ts";
import { stackDirectory, watchPostgresLog } from "./postgres_log.ts";
import {
  createBackfillWriter,
  createProfileWriter,
  createSyncWriter,
  signInUser,
} from "./real_writers.ts";
import {
  castUsers,
  createBulkWriter,
  createWebhookWriter,
  tellDeletions,
  type Writer,
} from "./synthetic_writers.ts";

const seconds = Number(Deno.env.get("CONCURRENCY_SECONDS") ?? 10);

/** Lets every writer do one thing, and another, until the time is over or one has failed. */
async function runAtOnce(writers: readonly Writer[], random: Random): Promise<void> {
  const end = Date.now() + 1000 * seconds;
  let failed = false;
  const settled = await Promise.allSettled(writers.map(async (writer, index) => {
    const own = random.fork(index);
    try {
      do await writer(own); while (Date.now() < end && !failed);
    } catch (error) {
      failed = true;
      throw error;
    }
  }));
  for (const result of settled) if (result.status === "rejected") throw result.reason;
}

function many(count: number, writer: Writer): Writer[] {
  return Array.from({ length: count }, () => writer);
}

Deno.test("64 writers over few users, all paths at once, leave the rows that the facts make, and none fails", async () => {
  const random = seededRandom(printedSeed("Many writers"));
  const log = await watchPostgresLog(stackDirectory());
  const connections = await Promise.all([connect(), connect()]);
  const chronicle = createChronicle();
  const cast = castUsers();
  const metadata: WrittenMetadata = new Map();
  const [first, second, leaving] = await Promise.all(
    Array.from({ length: 3 }, async () => await signInUser((await signUp()).id)),
  );
  assert.ok(first && second && leaving);
  const real = [first, second, leaving];
  await webhooksSettled();

  const [overSql, overMoreSql] = connections.map(applyOverSql);
  assert.ok(overSql && overMoreSql);
  /** What must have happened, whatever chance makes the writers do: in the middle of it. */
  const deleteUsers = async () => {
    await pause(500 * seconds);
    leaving.deleted = true;
    await clerk().users.deleteUser(leaving.id);
    await tellDeletions(chronicle, cast, random.fork(writers.length));
  };
  const writers = [
    ...many(25, createWebhookWriter(chronicle, cast)),
    ...many(12, createSyncWriter(real)),
    ...many(4, createBulkWriter(chronicle, cast, applyOverHttp, 500)),
    ...many(4, createBulkWriter(chronicle, cast, overSql, 500)),
    ...many(3, createBulkWriter(chronicle, cast, overMoreSql, 20)),
    createBackfillWriter(real, applyOverHttp),
    createBackfillWriter(real, overMoreSql),
    ...many(4, createProfileWriter(real)),
    ...cast.alive.map((id) => createServerMetadataWriter(id, metadata)),
    ...cast.deleted.map((id) => createServerMetadataWriter(id, metadata)),
    ...[first, second].map((user) => createOwnMetadataWriter(user, metadata)),
    ...many(4, purge),
  ];
  assert.equal(writers.length, 64);
  try {
    await Promise.all([runAtOnce(writers, random), deleteUsers()]);
  } finally {
    await Promise.all(connections.map((sql) => sql.end()));
  }
  await log.assertQuiet();

  await assertOrganizationsConverged(chronicle);
  for (const id of chronicle.users.filter((id) => !cast.longDeleted.includes(id))) {
    assertConverged(await readRow(id), chronicle.of(id));
  }
  await backend().rpc("purge_deleted_users", { p_older_than: "30 days" }).throwOnError();
  for (const id of cast.longDeleted) assertErased(await readRow(id), chronicle.of(id));
  assert.ok(metadata.has(first.id) && metadata.has(second.id));
  for (const [id, written] of metadata) assert.deepEqual((await readRow(id))?.metadata, written);

  await webhooksSettled();
  for (const { id } of [first, second]) await assertAsInClerk(id);
  for (const { id } of real) {
    const { data } = await readMessages({ user_id: id });
    assert.ok(data.length > 0);
    for (const { attempts } of data) assert.deepEqual(attempts.map(({ status }) => status), [200]);
  }
  const [deletion] = (await readMessages({ user_id: leaving.id, type: "user.deleted" })).data;
  const row = await readRow(leaving.id);
  assert.equal(row?.is_active, false);
  assert.equal(millisecondsOf(row?.deleted_at ?? null), deletion?.payload.timestamp);
});
