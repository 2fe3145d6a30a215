import fc from "fast-check";
import assert from "node:assert/strict";
import { continuesNumbers, nextVersions, versionOf, youngestOf } from "../../cli/install/series.ts";
import { printedSeed } from "../support/random.ts";

const now = new Date("2026-11-29T12:34:56.789Z");

function digits(date: Date, count: number): string {
  return date.toISOString().replace(/\D/g, "").slice(0, count);
}

const date = fc.date({
  min: new Date("2001-01-01"),
  max: new Date("2090-01-01"),
  noInvalidDate: true,
});
const time = date.map((value) => digits(value, 14));
const day = date.map((value) => digits(value, 8));
const version = fc.oneof(
  time,
  day,
  fc.nat(9_000).map((number) => String(number).padStart(4, "0")),
  fc.nat(900).map((number) => String(number).padStart(3, "0")),
  fc.stringMatching(/^\d{1,20}$/),
  fc.constantFrom("20260230", "99991231235959", "99991231", "19990101000000", "00000000000000"),
);
const count = fc.integer({ min: 1, max: 20 });
const seed = printedSeed("Series");

Deno.test("the next versions are digits, distinct, in order, and sort after all that exist", () => {
  let placed = 0;
  fc.assert(
    fc.property(fc.array(version, { maxLength: 12 }), count, date, (existing, count, now) => {
      let next: string[];
      try {
        next = nextVersions(existing, count, now);
      } catch (error) {
        assert.match(String(error), /^Error: The series of migrations ends with \d+: .* no room/);
        return;
      }
      placed++;
      assert.equal(next.length, count);
      for (const one of next) assert.equal(versionOf(`${one}_a.sql`), one);
      const all = [youngestOf(existing), ...next];
      assert.deepEqual([...new Set(all)].sort(), all);
      for (const one of existing) assert.ok(one < (next[0] ?? ""));
    }),
    { seed, numRuns: 3_000 },
  );
  assert.ok(placed > 2_000);
});

Deno.test("a series of times is continued by times, up to now or from its youngest on", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(time, day), { minLength: 1 }), count, (existing, count) => {
      const next = nextVersions(existing, count, now);
      for (const one of next) assert.match(one, /^20\d{12}$/);
      const youngest = youngestOf(existing);
      if (youngest < digits(new Date(now.getTime() - 60_000), 14)) {
        assert.equal(next.at(-1), digits(now, 14));
      }
    }),
    { seed, numRuns: 1_000 },
  );
});

Deno.test("a series of numbers is continued by the next numbers, in as many digits", () => {
  const numbers = fc.integer({ min: 2, max: 7 }).chain((width) =>
    fc.array(fc.nat(10 ** width - 30), { minLength: 1 }).map((list) => ({
      width,
      versions: list.map((number) => String(Math.max(0, number)).padStart(width, "0")),
    }))
  );
  fc.assert(
    fc.property(numbers, count, ({ width, versions }, count) => {
      const first = Number(youngestOf(versions)) + 1;
      fc.pre(first + count <= 10 ** width);
      assert.deepEqual(
        nextVersions(versions, count, now),
        Array.from({ length: count }, (_, index) => String(first + index).padStart(width, "0")),
      );
    }),
    { seed, numRuns: 1_000 },
  );
});

const continued = [
  ["no migrations", [], ["20261129123454", "20261129123455", "20261129123456"]],
  ["times", ["20240101000000"], ["20261129123454", "20261129123455", "20261129123456"]],
  ["a time of this second", ["20261129123456"], [
    "20261129123457",
    "20261129123458",
    "20261129123459",
  ]],
  ["a time in the future", ["20301231235958"], [
    "20301231235959",
    "20310101000000",
    "20310101000001",
  ]],
  ["days", ["20240101", "20240102"], ["20261129123454", "20261129123455", "20261129123456"]],
  ["this day", ["20261129"], ["20261130000000", "20261130000001", "20261130000002"]],
  ["drizzle's numbers", ["0000", "0001"], ["0002", "0003", "0004"]],
  ["three digits", ["001", "099"], ["100", "101", "102"]],
  ["numbers, then times", ["0001", "20250101000000"], [
    "20261129123454",
    "20261129123455",
    "20261129123456",
  ]],
  ["a number of 14 digits that is no time", ["20251399000000"], [
    "20251399000001",
    "20251399000002",
    "20251399000003",
  ]],
  ["times up to the last second of four digits", ["99991231235959"], [
    "99991231235960",
    "99991231235961",
    "99991231235962",
  ]],
  ["seconds since 1970", ["1732876496"], ["1732876497", "1732876498", "1732876499"]],
] as const;

for (const [title, existing, next] of continued) {
  Deno.test(`a series of ${title} is continued with ${next[0]}`, () => {
    assert.deepEqual(nextVersions(existing, 3, now), next);
  });
}

Deno.test("continuesNumbers() is true of series whose youngest version is no time", () => {
  for (const version of ["0001", "20260230", "20251399000000", "1732876496", "19991231"]) {
    assert.equal(continuesNumbers([version]), true, version);
  }
  for (const versions of [[], ["20260228"], ["20260228000000"], ["0001", "20260228000000"]]) {
    assert.equal(continuesNumbers(versions), false, versions.join());
  }
});

for (const existing of ["9999", "98", "9", "99999999999990"]) {
  Deno.test(`a series that ends with ${existing} has no room`, () => {
    assert.throws(
      () => nextVersions([existing], 13, now),
      new RegExp(`The series of migrations ends with ${existing}: 13 more have no room`),
    );
  });
}

Deno.test("a version that is not of digits, as only a database has it, does not count", () => {
  assert.deepEqual(nextVersions(["0001", "initial"], 1, now), ["0002"]);
});

Deno.test("versionOf() takes the files that the Supabase CLI takes", () => {
  const versions = ["1_a.sql", "0001_a_b.sql", "20260101000000_.sql"].map(versionOf);
  assert.deepEqual(versions, ["1", "0001", "20260101000000"]);
  for (
    const name of ["a_1.sql", "1a_b.sql", "0001.sql", "0001_a.sql.new", "-1_a.sql", "0001_a.ts"]
  ) {
    assert.equal(versionOf(name), undefined, name);
  }
});
