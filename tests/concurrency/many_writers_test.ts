/** Every path at once on the same users. CONCURRENCY_SECONDS sets how long, SEED repeats a run. */
import assert from "node:assert/strict";
import { connect } from "../support/database/connections.ts";
import { pause } from "../support/eventually.ts";
import { assertConverged, assertErased } from "../support/database/assert_rows.ts";
import { printedSeed, type Random, seededRandom } from "../support/random.ts";
import { assertAsInClerk } from "../support/stack/as_in_clerk.ts";
import { clerk, signUp, webhooksSettled } from "../support/stack/clerk.ts";
import { backend, readRow } from "../support/stack/supabase.ts";
import { readMessages } from "../support/stack/svix_messages.ts";
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
  type Chronicle,
  createBulkWriter,
  createWebhookWriter,
  tellDeletions,
  type Writer,
} from "./synthetic_writers.ts";

const seconds = Number(Deno.env.get("CONCURRENCY_SECONDS") ?? 10);

/** Lets every writer act again and again until the time is over or one of them has failed. */
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

Deno.test("64 writers on a few users write through every path at once, lose nothing, and leave the right rows", async () => {
  const random = seededRandom(printedSeed("Many writers"));
  const log = await watchPostgresLog(stackDirectory());
  const connections = await Promise.all([connect(), connect()]);
  const chronicle: Chronicle = { facts: [], acknowledged: [] };
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
  /** These deletions happen midway in every run. The other writers act by chance. */
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

  await assertConverged(chronicle.facts, cast.longDeleted);
  await backend().rpc("purge_deleted_users", { p_older_than: "30 days" }).throwOnError();
  for (const id of cast.longDeleted) assertErased(await readRow(id), chronicle.facts);
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
  assert.equal(Date.parse(row?.deleted_at ?? ""), deletion?.payload.timestamp);
});
