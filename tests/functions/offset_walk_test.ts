import assert from "node:assert/strict";
import { type Result, succeed } from "../../supabase/functions/_shared/failure.ts";
import {
  createOffsetWalk,
  offsetWalkStart,
  offsetWalkState,
} from "../../supabase/functions/_shared/listing/offset_walk.ts";
import type { Page } from "../../supabase/functions/_shared/listing/page.ts";
import type { Portion } from "../../supabase/functions/_shared/listing/portion.ts";
import { resources } from "../../supabase/functions/_shared/listing/resource.ts";
import { printedSeed, type Random, seededRandom } from "../support/random.ts";

const seed = printedSeed("offset walk");

/** Organizations of whom some are deleted while they are read, and whose pages may be short. */
function createList(random: Random) {
  const many = random.below(3_000);
  const spread = random.pick([2, 1_000, 1_000_000]);
  let list = Array.from({ length: many }, (_, number) => ({
    id: `org_${number}`,
    createdAt: 1_600_000_000_000 + random.below(spread),
  })).sort((left, right) => left.createdAt - right.createdAt || (left.id < right.id ? -1 : 1));
  const restless = random.pick([0, 0.02, 0.2]);
  const unreliable = random.pick([0, 0.1]);

  function readPage(query: URLSearchParams): Promise<Result<Page>> {
    const offset = Number(query.get("offset"));
    const shown = list.slice(offset, offset + Number(query.get("limit")));
    const kept = random.chance(unreliable) ? random.below(shown.length + 1) : shown.length;
    const page = { entries: shown.slice(0, kept), facts: [], refused: [], total: list.length };
    if (random.chance(restless)) {
      const from = random.below(list.length);
      list = list.filter((_, index) => index < from || index >= from + random.below(900));
    }
    return Promise.resolve(succeed(page));
  }
  return { readPage, left: () => list };
}

Deno.test("an offset walk that ends has shown whoever is left, in spite of deletions, short pages and interruptions", async () => {
  let complete = 0;
  for (let number = 0; number < 300; number++) {
    const random = seededRandom(seed).fork(number);
    const list = createList(random);
    const seen = new Set<string>();
    let state = { ...offsetWalkStart };
    for (let over = false; !over;) {
      const interruption = new AbortController();
      const walk = createOffsetWalk<Portion>({
        readPage: (_, query) => list.readPage(query),
        resource: resources.organization,
        take: (portion) => {
          if (random.chance(0.1)) interruption.abort();
          return Promise.resolve(succeed(portion));
        },
        commit: (portion) => portion.fresh.forEach((id) => seen.add(id)),
        signal: interruption.signal,
      });
      const walked = await walk(state);
      assert.ok(walked.ok);
      if (walked.value.ended) {
        complete++;
        const unseen = list.left().filter(({ id }) => !seen.has(id));
        assert.deepEqual(unseen, [], `walk ${number}`);
      }
      over = walked.value.ended || walked.value.incomplete !== undefined;
      state = offsetWalkState.parse(JSON.parse(JSON.stringify(state)));
    }
  }
  assert.ok(complete > 270, `${complete} of 300 walks came to their end`);
});
