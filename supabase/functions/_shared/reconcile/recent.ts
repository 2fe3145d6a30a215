import * as z from "zod/mini";
import { unusableAnswer } from "../clerk/failed_answer.ts";
import { type Result, succeed } from "../failure.ts";
import { overlap } from "../listing/offset_walk.ts";
import { pageLength } from "../listing/page.ts";
import { type ResourceName, resourceNames, resources } from "../listing/resource.ts";
import { ended, incomplete, stopped, type Walked } from "../listing/walked.ts";
import type { Job, RunUnderWay } from "../runs/run.ts";
import { deactivationsState, noDeactivations } from "./deactivations.ts";
import {
  createExamination,
  type Examination,
  type ExaminationDependencies,
  outcomeOf,
} from "./examination.ts";

export const recentState = z.object({
  /** It reads back to this time. Milliseconds since the epoch; null before the first request. */
  until: z.nullable(z.int()),
  /** Where the reading of the resource stands that is not done. */
  offset: z.int(),
  done: z.array(z.enum(resourceNames)),
  deactivations: deactivationsState,
});
export type RecentState = z.infer<typeof recentState>;

/** Milliseconds before the last run: its clock, or a webhook, may have been late. */
const reach = 10 * 60_000;
/** Milliseconds to read back if there was no run before. */
const firstReach = 24 * 60 * 60_000;

/** Only users can be listed by the time of their last change. Of the others, it sees new ones. */
const orders: Readonly<Record<ResourceName, string>> = {
  user: "-updated_at",
  organization: "-created_at",
  membership: "-created_at",
};

/** Compares what has changed in Clerk since the last run. Sees no deletions. */
export function createRecent(
  dependencies: ExaminationDependencies & { readonly now?: () => number },
): Job<RecentState> {
  const { readPage, repairs, now = Date.now } = dependencies;

  async function read(
    resource: ResourceName,
    state: RecentState & { readonly until: number },
    { take, commit }: Examination,
    signal: AbortSignal,
  ): Promise<Result<Walked>> {
    let previous = new Set<string>();
    for (let askedAgain = false;;) {
      if (signal.aborted) return succeed(stopped);
      const query = new URLSearchParams({
        order_by: orders[resource],
        limit: String(pageLength),
        offset: String(state.offset),
      });
      const page = await readPage(resources[resource], query);
      if (!page.ok) return page;
      if (page.value === undefined) {
        return unusableAnswer(resources[resource].path, "refused the list");
      }
      const { entries, facts, refused } = page.value;
      if (entries.length === 0 && !askedAgain) {
        askedAgain = true;
        continue;
      }
      const recent = facts.filter((fact) => timeOf(resource, fact) >= state.until);
      const news = recent.filter(({ clerk_id: id }) => !previous.has(id));
      const examined = await take(resource)({
        facts: news,
        refused,
        listed: entries.map(({ id }) => id),
        covered: { from: 0, to: 0 },
        fresh: new Set(news.map(({ clerk_id: id }) => id)),
      });
      if (!examined.ok) return examined;
      const isOver = facts.length > recent.length;
      if (!isOver && entries.length > 0 && facts.length === 0) {
        return succeed(incomplete(resources[resource].path, "no object is as Clerk describes it"));
      }
      // Whoever changes meanwhile moves to the front, and whoever is deleted makes the others move up.
      state.offset += entries.length > overlap ? entries.length - overlap : entries.length;
      previous = new Set(entries.map(({ id }) => id));
      commit(resource)(examined.value);
      if (isOver || entries.length === 0) return succeed(ended);
    }
  }

  async function work(run: RunUnderWay<RecentState>): Promise<Result<Walked>> {
    const { state, since, signal } = run;
    const until = state.until ??
      (since === null ? now() - firstReach : Date.parse(since) - reach);
    state.until = until;
    const examination = createExamination(run, state.deactivations, dependencies);
    const begun = await examination.begin();
    if (!begun.ok) return begun;
    for (const resource of resourceNames) {
      if (state.done.includes(resource)) continue;
      const walked = await read(resource, Object.assign(state, { until }), examination, signal);
      if (!walked.ok || !walked.value.ended) return walked;
      state.done.push(resource);
      state.offset = 0;
    }
    return succeed(ended);
  }

  return {
    kind: "recent",
    repairs,
    state: recentState,
    begin: () => ({ until: null, offset: 0, done: [], deactivations: noDeactivations() }),
    work,
    outcome: outcomeOf,
  };
}

type Times = { readonly clerk_created_at: string; readonly clerk_updated_at: string };

/** The time by which the resource is listed. */
function timeOf(resource: ResourceName, fact: Times): number {
  return Date.parse(resource === "user" ? fact.clerk_updated_at : fact.clerk_created_at);
}
