import { applyFacts } from "../support/database/apply_facts.ts";
import type { Sql } from "../support/database/connections.ts";
import { parseRow, readRows, type StoredRow } from "../support/database/rows.ts";
import type { Columns } from "../support/model/columns.ts";
import { shows } from "../support/model/known.ts";
import { timeText } from "../support/model/row.ts";
import { writeAsApplication } from "./connections.ts";
import { columnsOf } from "./contents.ts";
import { createGate, createQueues } from "./gate.ts";
import type { Replay, StateItem } from "./history.ts";
import type { HttpAnswer, HttpClients } from "./http_clients.ts";
import { checkLedger } from "./ledger.ts";
import { finalRow } from "./rows.ts";
import { createRuns, type HistoryRun } from "./run_of_history.ts";
import type { Delivery } from "./schedule.ts";
import { keyOf } from "./subject.ts";
import { expect, Violation } from "./violation.ts";

const process = crypto.randomUUID().slice(0, 8);
let bundles = 0;

/** Requests under way at once. */
const mostRequests = 24;

/**
 * Replays histories side by side through the gateway, each by its plan with several writers. Events come
 * as signed deliveries. The Backend API's states of users, and users who are gone, come through
 * users-sync. No function reads organizations and memberships from the Backend API yet, so such states
 * are written with SQL.
 *
 * @param sql writes those states and the application's data, and reads the rows
 * @throws Violation
 */
export async function replayThroughHttp(
  replays: readonly Replay[],
  clients: HttpClients,
  sql: Sql,
): Promise<void> {
  const startedAt = Date.now();
  const bundle = `http_${process}_${bundles++}`;
  const runs = replays.flatMap((replay, index) =>
    createRuns(replay, `${bundle}_${index}`, startedAt).at(-1) ?? []
  );
  const gate = createGate(mostRequests);
  const queues = createQueues();
  const waiting: (() => Promise<boolean>)[] = [];

  async function send(run: HistoryRun, delivery: Delivery): Promise<void> {
    const item = run.item(delivery);
    const clerkId = run.ids(item.subject);
    if (item.kind === "write") {
      if (run.written.has(delivery.item)) return;
      run.written.add(delivery.item);
      const again = () =>
        writeAsApplication(sql, item.subject, clerkId, { ...item, item: delivery.item });
      if (!await again()) waiting.push(again);
      return;
    }
    const answer = await answerTo(run, delivery);
    run.calls.push({
      deliveries: [delivery],
      outcomes: [answer.outcome ?? answer.code ?? ""],
      oneByOne: false,
    });
    checkAnswer(run, delivery, answer);
  }

  async function answerTo(run: HistoryRun, delivery: Delivery): Promise<HttpAnswer> {
    const item = run.item(delivery);
    const svixId = run.deliveryId(delivery);
    if (svixId === null && item.subject.resource !== "user") {
      const [outcome] = await applyFacts(sql, [run.fact(delivery)]);
      return { status: 200, outcome: outcome === "stale" ? outcome : "applied" };
    }
    if (item.kind !== "gone" && svixId !== null) {
      return await gate(() => clients.deliverEvent(item, run.ids, svixId));
    }
    // The Backend API can return only one state of a user at a time.
    return await queues(
      run.ids(item.subject),
      () => gate(() => clients.synchronise(item, run.ids)),
    );
  }

  await Promise.all(runs.flatMap((run) =>
    run.writers.map(async (batches) => {
      for (const delivery of batches.flat()) await send(run, delivery);
    })
  ));
  await Promise.all(waiting.map((again) => again()));

  const ids = runs.flatMap((run) => run.subjects.map(run.ids));
  const rows = await readRows(sql, ids);
  for (const run of runs) {
    for (const subject of run.subjects) {
      expect("the row matches the model", run.ids(subject), {
        actual: withKnownDeletion(rows.get(run.ids(subject)), startedAt),
        expected: finalRow(run, subject),
      });
    }
  }
  await Promise.all(runs.map((run) => repeat(run, clients, gate)));
  expect("a repetition changes nothing", "rows after something came again", {
    actual: await readRows(sql, ids),
    expected: rows,
  });
  await checkLedger(runs, sql);
}

/**
 * The clock decides when users-sync notices that a user is gone. Any time since the start will do, also
 * for the user's memberships.
 */
function withKnownDeletion(row: StoredRow | undefined, startedAt: number): Columns | undefined {
  const parsed = parseRow(row);
  const at = Date.parse(String(parsed?.deleted_at));
  if (!parsed || !(at >= startedAt && at <= Date.now())) return parsed;
  return { ...parsed, deleted_at: timeText(new Date(startedAt).toISOString()) };
}

function checkAnswer(run: HistoryRun, delivery: Delivery, answer: HttpAnswer): void {
  const item = run.item(delivery);
  const where = `${run.name}: item ${delivery.item}`;
  if (answer.status >= 500) {
    throw new Violation("no call fails", `${where}: ${answer.status} ${answer.code}`);
  }
  const said = `${answer.status} ${answer.outcome ?? answer.code ?? ""}`.trim();
  const fact = run.told(delivery);
  const admissible = () => {
    if (!fact) return ["422 invalid_event"];
    if (item.kind === "gone") return ["404 clerk_user_not_found"];
    const stale = shows(run.end.get(fact.clerk_id), fact) ? [] : ["200 stale"];
    const synchronised = item.kind === "state" && item.source === "Backend API" &&
      item.subject.resource === "user";
    if (!synchronised) return ["200 applied", "200 duplicate", ...stale];
    const row = finalRow(run, item.subject);
    const alwaysActive = row?.is_active && !isEverBanned(run, item);
    return ["201", "200", ...(alwaysActive ? [] : ["403 user_inactive"])];
  };
  if (!admissible().includes(said)) {
    throw new Violation(
      "each item has the right outcome",
      `${where} must not be answered with ${said}`,
    );
  }
  if (item.kind === "state" && answer.user) checkUser(item, answer.user, where);
}

function isEverBanned({ history }: HistoryRun, { subject }: StateItem): boolean {
  return history.some((item) =>
    item.kind === "state" && keyOf(item.subject) === keyOf(subject) &&
    columnsOf("user", item.state.content).banned === true
  );
}

/** users-sync answers with the current row: the state that it has read, or a newer one. */
function checkUser(
  { state }: StateItem,
  user: NonNullable<HttpAnswer["user"]>,
  where: string,
): void {
  if (Date.parse(user.clerk_updated_at) >= state.updatedAt) return;
  throw new Violation(
    "each item has the right outcome",
    `${where} was answered with an older state than it read`,
  );
}

/** Repeats one delivery, and one older state under a new svix-id. */
async function repeat(
  run: HistoryRun,
  clients: HttpClients,
  gate: ReturnType<typeof createGate>,
): Promise<void> {
  const sent = run.calls.flatMap(({ deliveries }) => deliveries);
  const applied = sent.filter((delivery) => /state|deletion/.test(run.item(delivery).kind));
  const again = applied.find((delivery) => run.deliveryId(delivery) !== null);
  const beaten = applied.find((delivery) => {
    const fact = run.told(delivery);
    return run.deliveryId(delivery) !== null && fact !== undefined &&
      !shows(run.end.get(fact.clerk_id), fact);
  });
  const repetitions = [
    ...(again ? [{ delivery: again, outcome: "duplicate" }] : []),
    ...(beaten ? [{ delivery: { ...beaten, copy: 100 }, outcome: "stale" }] : []),
  ];
  for (const { delivery, outcome } of repetitions) {
    const item = run.item(delivery);
    const svixId = run.deliveryId(delivery) ?? "";
    const answer = await gate(() => clients.deliverEvent(item, run.ids, svixId));
    run.calls.push({ deliveries: [delivery], outcomes: [outcome], oneByOne: false });
    expect("a repetition changes nothing", `${run.name}: item ${delivery.item} once more`, {
      actual: { status: answer.status, outcome: answer.outcome },
      expected: { status: 200, outcome },
    });
  }
}
