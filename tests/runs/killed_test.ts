import assert from "node:assert/strict";
import { pause } from "../support/eventually.ts";
import { printedSeed, seededRandom } from "../support/random.ts";
import { makeUsers, withFaults } from "./clerk_side.ts";
import { command, start } from "./command.ts";
import { foundOrganizations } from "./drift.ts";
import { assertAsClerk, letGo, readRuns, startEmpty } from "./tables.ts";

const seed = printedSeed("killed");
const random = seededRandom(seed);
const kills = 10;
const users = 20_000;

Deno.test(`a backfill killed at ten random moments ends with the same tables`, async () => {
  await startEmpty();
  await makeUsers(users, seed);
  await foundOrganizations(20);
  let killed = 0;
  await withFaults([{ route: "GET /v1/*", delay_ms: 600 }], async () => {
    while (killed < kills) {
      const running = start("backfill");
      await pause(600 + random.below(1_800));
      // On a fast machine one may have come to its end. Then the next one begins anew.
      if (running.kill("SIGKILL")) killed++;
      await running.ended;
      await letGo();
    }
  });
  const { code, errors, lines } = await command("backfill");
  assert.equal(code, 0, errors);
  // Pages that were read again after a kill count once: counts are saved with the position.
  assert.match(lines[0] ?? "", /^users: 20,000 read, /);
  const runs = await readRuns();
  assert.ok(runs.length < kills / 2, "most processes went on where another was killed");
  assert.ok(runs.every(({ outcome }) => outcome === "complete"));
  await assertAsClerk();
});
