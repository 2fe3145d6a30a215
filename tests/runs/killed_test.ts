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

Deno.test(`a backfill killed at ten random moments ends with the same tables`, async () => {
  await startEmpty();
  await makeUsers(12_000, seed);
  await foundOrganizations(20);
  let interrupted = 0;
  await withFaults([{ route: "GET /v1/*", delay_ms: 300 }], async () => {
    for (let turn = 0; turn < kills; turn++) {
      const running = start("backfill", ["--rate", "60"]);
      await pause(700 + random.below(2_500));
      running.kill("SIGKILL");
      const { code, errors } = await running.ended;
      assert.notEqual(code, 0, `killed before its end: ${errors}`);
      interrupted++;
      await letGo();
    }
  });
  assert.equal(interrupted, kills);
  const { code, errors, lines } = await command("backfill");
  assert.equal(code, 0, errors);
  assert.match(errors, /Goes on with the run of/);
  // Pages that were read again after a kill count once: counts are saved with the position.
  assert.match(lines[0] ?? "", /^users: 12,000 read, /);
  assert.deepEqual((await readRuns()).map(({ outcome }) => outcome), ["complete"], "one run");
  await assertAsClerk();
});
