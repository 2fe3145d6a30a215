/**
 * Replays random histories in several orders, with duplicates, in batches and by several writers at once.
 * The rows must always be the same, and right. SEED and HISTORIES in the environment choose others.
 */
import { withSql } from "../support/database/connections.ts";
import { addApplicationColumn, dropApplicationColumn, openConnection } from "./connections.ts";
import { createHttpClients } from "./http_clients.ts";
import { replayThroughHttp } from "./http_replay.ts";
import { checkOverlaps } from "./overlaps.ts";
import { assertHolds, checkHistories, chooseHistories } from "./property.ts";
import { withScratchDatabase } from "./scratch_database.ts";
import { replayThroughSql } from "./sql_replay.ts";

const choice = chooseHistories();
/**
 * Fewer, because each takes several times as long. How facts merge is decided in the SQL, and what the way
 * through HTTP adds is the same for every history.
 */
const throughHttp = { ...choice, histories: Math.ceil(choice.histories / 4) };

Deno.test("every history ends in the same rows, whatever the order, duplicates, batches and writers", async () => {
  await withScratchDatabase(async (connections) => {
    const verdict = await checkHistories(
      choice,
      (replays) => replayThroughSql(replays, connections),
    );
    assertHolds(verdict, choice);
  });
});

Deno.test("a membership has ended if its user or organization is deleted at the same time", async () => {
  await withScratchDatabase(checkOverlaps);
});

Deno.test("every history ends in the right rows through the gateway, with concurrent clients", async () => {
  await withSql((sql) => sql.unsafe(addApplicationColumn));
  const connection = await openConnection();
  try {
    const clients = await createHttpClients();
    const verdict = await checkHistories(
      throughHttp,
      (replays) => replayThroughHttp(replays, clients, connection),
    );
    assertHolds(verdict, choice);
  } finally {
    await connection.end();
    await withSql((sql) => sql.unsafe(dropApplicationColumn));
  }
});
