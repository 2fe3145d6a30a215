import assert from "node:assert/strict";
import { fail, succeed } from "../../supabase/functions/_shared/failure.ts";
import { createPageReader } from "../../supabase/functions/_shared/listing/page.ts";
import type { Portion } from "../../supabase/functions/_shared/listing/portion.ts";
import { createUserCounts, endless } from "../../supabase/functions/_shared/listing/user_counts.ts";
import { createUserWalk } from "../../supabase/functions/_shared/listing/user_walk.ts";
import type { Patiently } from "../../supabase/functions/_shared/patience.ts";
import { printedSeed, type Random, seededRandom } from "../support/random.ts";
import { createFakeClerk, type FakeUser } from "./fake_clerk.ts";

const seed = printedSeed("user walk");

/** Users of whom many were created at the same time. */
function createUsers(random: Random): FakeUser[] {
  const times = Array.from(
    { length: 1 + random.below(40) },
    () => 1_600_000_000_000 + random.below(random.pick([30, 100_000])),
  );
  return Array.from({ length: random.below(400) }, (_, number) => ({
    id: `user_${random.token()}${number}`,
    created_at: random.pick(times) + random.below(2),
  }));
}

/** Asks again at once, a few times. */
const patiently: Patiently = async (attempt) => {
  for (let turn = 0;; turn++) {
    const result = await attempt();
    if (result.ok || turn > 30) return result;
  }
};

interface Walk {
  readonly users: readonly FakeUser[];
  readonly portions: readonly Portion[];
  readonly incomplete: string | undefined;
}

async function walkThrough(number: number): Promise<Walk> {
  const random = seededRandom(seed).fork(number);
  const users = createUsers(random);
  const api = createFakeClerk(users, {
    random,
    inclusive: random.chance(0.5),
    unreliable: random.pick([0, 0.02, 0.1]),
    forgetful: random.pick([0, 0.1]),
    page: random.pick([3, 20, 500]),
  });
  const paced = {
    read: (path: string, query?: URLSearchParams) => patiently(() => api.read(path, query)),
    find: (path: string, query?: URLSearchParams) => patiently(() => api.find(path, query)),
    list: (path: string, query: URLSearchParams) => patiently(() => api.list(path, query)),
  };
  const readPage = createPageReader(paced, patiently);
  const portions: Portion[] = [];
  let interruption = new AbortController();
  const create = () =>
    createUserWalk({
      readPage,
      counts: createUserCounts(paced, readPage),
      // Some portions are never done, as if the process died, and after some it is interrupted.
      take: (portion) => {
        if (random.chance(0.05)) return Promise.resolve(fail("database_unavailable"));
        if (random.chance(0.05)) interruption.abort();
        return Promise.resolve(succeed(portion));
      },
      commit: (portion) => portions.push(portion),
      signal: interruption.signal,
      lanes: 1 + random.below(5),
    });
  const begun = await create().begin();
  assert.ok(begun.ok);
  let state = { ...begun.value, largest: random.pick([1, 10, 100]) };
  for (;;) {
    interruption = new AbortController();
    const walked = await create().work(state);
    if (walked.ok && walked.value.ended) return { users, portions, incomplete: undefined };
    if (walked.ok && !walked.value.ended && walked.value.incomplete !== undefined) {
      return { users, portions, incomplete: walked.value.incomplete };
    }
    // What the next process finds in the database.
    state = JSON.parse(JSON.stringify(state));
  }
}

Deno.test(`a walk that ends has shown everybody, on bad days, with interruptions`, async () => {
  let complete = 0;
  for (let number = 0; number < 60; number++) {
    const { users, portions, incomplete } = await walkThrough(number);
    if (incomplete !== undefined) continue;
    complete++;
    const seen = new Set(portions.flatMap(({ facts }) => facts.map(({ clerk_id: id }) => id)));
    assert.deepEqual(seen, new Set(users.map(({ id }) => id)), `walk ${number}`);
  }
  assert.ok(complete > 45, `${complete} of 60 walks came to their end`);
});

Deno.test("the portions of a walk cover all times of creation", async () => {
  for (let number = 0; number < 25; number++) {
    const { portions, incomplete } = await walkThrough(number);
    if (incomplete !== undefined) continue;
    const ranges = portions.map(({ covered }) => covered)
      .filter(({ from, to }) => from < to)
      .toSorted((left, right) => left.from - right.from);
    let covered = 0;
    for (const { from, to } of ranges) {
      assert.ok(from <= covered, `walk ${number} leaves out ${covered} to ${from}`);
      covered = Math.max(covered, to);
    }
    assert.equal(covered, endless);
  }
});
