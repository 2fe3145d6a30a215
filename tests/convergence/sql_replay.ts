import { applyFacts } from "../support/database/apply_facts.ts";
import type { Sql } from "../support/database/connections.ts";
import { parseRow, readRows, type StoredRow } from "../support/database/rows.ts";
import { whenAllEnd } from "../support/when_all_end.ts";
import { writeAsApplication } from "./connections.ts";
import type { Item, Replay } from "./history.ts";
import { checkLedger } from "./ledger.ts";
import { checkOutcomes, finalOutcomes } from "./outcomes.ts";
import { finalRow } from "./rows.ts";
import { createRuns, type HistoryRun } from "./run_of_history.ts";
import type { Delivery } from "./schedule.ts";
import type { Subject } from "./subject.ts";
import { expect, Violation } from "./violation.ts";

const process = crypto.randomUUID().slice(0, 8);
let bundles = 0;

/** One run of so many sends each fact by a call of its own, as most webhooks do. */
const oneAlone = 16;

/**
 * Replays histories side by side by all their plans, directly through `apply_clerk_facts()`, and checks
 * the results. Each writer has a connection. One call carries a batch of nearly every history.
 *
 * @throws Violation
 */
export async function replayThroughSql(
  replays: readonly Replay[],
  connections: readonly Sql[],
): Promise<void> {
  const noticedAt = Date.now();
  const bundle = `${process}_${bundles++}`;
  const all = replays.map((replay, index) => createRuns(replay, `${bundle}_${index}`, noticedAt));
  for (const number of [0, 1, 2]) {
    const runs = all.flatMap((runs) => runs[number] ?? []);
    const waiting: (() => Promise<boolean>)[] = [];
    await whenAllEnd(
      connections.map((sql, writer) => write(sql, writer, runs, connections.length, waiting)),
    );
    // Repeats the application's writes that found no row yet.
    await whenAllEnd(waiting.map((again) => again()));
  }
  await checkEnd(all, connections);
}

/** Acts as one writer: each step sends one batch of each history and makes its application writes. */
async function write(
  sql: Sql,
  writer: number,
  runs: readonly HistoryRun[],
  writers: number,
  waiting: (() => Promise<boolean>)[],
): Promise<void> {
  // Rotated, so that histories with one writer do not all use the same connection.
  const own = runs.map((run, index) => ({
    run,
    batches: run.writers[(writer + index) % writers],
    alone: index % oneAlone === 0,
  }));
  const steps = Math.max(0, ...own.map(({ batches }) => batches?.length ?? 0));
  for (let step = 0; step < steps; step++) {
    const parts = own.map(({ run, batches, alone }) => ({
      run,
      deliveries: batches?.[step] ?? [],
      alone,
    }));
    // Every other step sends deletions of users and organizations separately, as webhooks bring them.
    for (const chosen of step % 2 === 0 ? [isFact] : [isEndAlone, isOtherFact]) {
      const facts = parts.map(({ deliveries, ...part }) => ({
        ...part,
        deliveries: deliveries.filter((delivery) => chosen(part.run.item(delivery))),
      }));
      await call(sql, facts.filter(({ alone }) => !alone));
      for (const { run, deliveries } of facts.filter(({ alone }) => alone)) {
        for (const delivery of deliveries) await call(sql, [{ run, deliveries: [delivery] }]);
      }
    }
    await whenAllEnd(parts.flatMap(({ run, deliveries }) =>
      deliveries.map(async (delivery) => {
        const item = run.item(delivery);
        if (item.kind !== "write" || run.written.has(delivery.item)) return;
        run.written.add(delivery.item);
        const again = () =>
          writeAsApplication(sql, item.subject, run.ids(item.subject), {
            ...item,
            item: delivery.item,
          });
        if (!await again()) waiting.push(again);
      })
    ));
  }
}

/** Whether an item comes from Clerk. */
function isFact({ kind }: Item): boolean {
  return kind !== "write";
}

/** Whether an item is the end of a user or an organization, and so not about a membership. */
function isEndAlone({ kind, subject }: Item): boolean {
  return kind === "gone" || kind === "deletion" && subject.resource !== "membership";
}

function isOtherFact(item: Item): boolean {
  return isFact(item) && !isEndAlone(item);
}

/** Makes one call for parts of several histories. Each run gets its own outcomes. */
async function call(
  sql: Sql,
  parts: readonly { readonly run: HistoryRun; readonly deliveries: readonly Delivery[] }[],
): Promise<void> {
  const batch = parts.flatMap(({ run, deliveries }) => deliveries.map(run.fact));
  if (batch.length === 0) return;
  const outcomes = await applyFacts(sql, batch).catch((error) => {
    throw new Violation("no call fails", String(error));
  });
  const oneByOne = outcomes.includes("rejected");
  let from = 0;
  for (const { run, deliveries } of parts) {
    const to = from + deliveries.length;
    if (to > from) run.calls.push({ deliveries, outcomes: outcomes.slice(from, to), oneByOne });
    from = to;
  }
}

async function checkEnd(
  all: readonly (readonly HistoryRun[])[],
  connections: readonly Sql[],
): Promise<void> {
  const [sql] = connections;
  if (!sql) throw new Error("Pass a connection for each writer");
  const runs = all.flat();
  const ids = runs.flatMap((run) => run.subjects.map(run.ids));
  const rows = await readRows(sql, ids);
  for (const [first, ...others] of all) {
    if (!first) continue;
    for (const subject of first.subjects) {
      const row = rows.get(first.ids(subject));
      expect("the row matches the model", first.ids(subject), {
        actual: parseRow(row),
        expected: finalRow(first, subject),
      });
      for (const other of others) {
        expect("every plan leaves the same row", other.ids(subject), {
          actual: namelessText(rows, other, subject),
          expected: namelessText(rows, first, subject),
        });
      }
    }
  }
  for (const run of runs) checkOutcomes(run);
  await repeatAll(all, connections);
  expect("a repetition changes nothing", "rows after everything came again", {
    actual: await readRows(sql, ids),
    expected: rows,
  });
  await checkLedger(runs, sql);
}

/** A row's text without the run's name. */
function namelessText(
  rows: ReadonlyMap<string, StoredRow>,
  run: HistoryRun,
  subject: Subject,
): string | undefined {
  return rows.get(run.ids(subject))?.text.replaceAll(run.name, "");
}

/** Repeats everything: one call for all runs of a plan, another for rejected items, which are slow. */
async function repeatAll(
  all: readonly (readonly HistoryRun[])[],
  connections: readonly Sql[],
): Promise<void> {
  await whenAllEnd([0, 1, 2].map(async (number) => {
    const sql = connections[number % connections.length];
    if (!sql) return;
    const sent = all.flatMap((runs) => runs[number] ?? []).map((run) => ({
      run,
      deliveries: distinct(run.calls.flatMap(({ deliveries }) => deliveries)),
    }));
    for (const rejected of [false, true]) {
      const parts = sent.map(({ run, deliveries }) => ({
        run,
        deliveries: deliveries.filter((delivery) => isRejected(run, delivery) === rejected),
      })).filter(({ deliveries }) => deliveries.length > 0);
      await call(sql, parts);
      for (const { run, deliveries } of parts) {
        expect("a repetition changes nothing", `${run.name}: outcomes of the repetition`, {
          actual: run.calls.at(-1)?.outcomes,
          expected: finalOutcomes(run, deliveries),
        });
      }
    }
  }));
}

function isRejected(run: HistoryRun, delivery: Delivery): boolean {
  const item = run.item(delivery);
  return item.kind === "invalid" && item.flaw === "unstorable";
}

function distinct(deliveries: readonly Delivery[]): Delivery[] {
  return [...new Map(deliveries.map((delivery) => [`${delivery.item} ${delivery.copy}`, delivery]))
    .values()];
}
