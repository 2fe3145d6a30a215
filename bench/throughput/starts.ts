import { sessionTokens } from "./calls.ts";
import type { Cast } from "./cast.ts";
import { median } from "./contest.ts";
import { type FirstRequest, timeFirstAnswer } from "./first_answer.ts";
import type { Row } from "./figures.ts";
import { signUpOf } from "./deliveries.ts";
import type { Subject } from "./served.ts";
import type { Site } from "./site.ts";
import { functionNames, type Subjects } from "./subjects.ts";
import { peerTable, removeRun } from "./tables.ts";

/**
 * Measures how long functions take from the start of their process to the first answer, which says
 * that all is done: the event is written, the row is read. Clerk answers at once.
 */
export async function measureStarts(
  { site, cast, subjects, starts, best }: {
    readonly site: Site;
    readonly cast: Cast;
    readonly subjects: Subjects;
    readonly starts: number;
    /** Takes the fastest start, which others disturbed least, in place of the median. */
    readonly best: boolean;
  },
): Promise<Row[]> {
  const options = await cast.optionsFor(0);
  const run = "starting";
  const [reading = "", syncing = ""] = await sessionTokens(
    ["user_0", `user_${run}_0`],
    site.instanceKey,
  );
  let events = 0;
  const withToken = (method: string, token: string) => ({
    method,
    headers: { authorization: `Bearer ${token}` },
  });
  const requests: Readonly<Record<string, () => FirstRequest>> = {
    "clerk-webhook": () => ({
      path: "/clerk-webhook",
      init: signUpOf(`user_${run}_${++events}`, site.values.CLERK_WEBHOOK_SECRET),
    }),
    "users-me": () => ({ path: "/users-me", init: withToken("GET", reading) }),
    "users-sync": () => ({ path: "/users-sync", init: withToken("POST", syncing) }),
  };
  const times = new Map<Subject, number[]>();

  async function time(subject: Subject, request: FirstRequest) {
    const known = times.get(subject) ?? [];
    times.set(subject, known);
    known.push(await timeFirstAnswer(subject, options, request));
  }

  for (let start = 0; start < starts; start++) {
    await time(subjects.empty, { path: "/", init: {} });
    for (const name of functionNames) {
      for (const subject of [subjects.peers[name], subjects.ours[name]]) {
        const request = requests[name]?.();
        if (request) await time(subject, request);
      }
    }
  }
  for (const table of ["users", peerTable]) await removeRun(site.sql, table, run);

  const timeOf = (subject: Subject) =>
    best ? Math.min(...times.get(subject) ?? []) : median(times.get(subject) ?? []);
  return functionNames.flatMap((name) => {
    const ours = timeOf(subjects.ours[name]);
    const what = `${name}: start to first answer`;
    const unit = "ms" as const;
    return [
      {
        what,
        against: "empty",
        unit,
        ours,
        theirs: timeOf(subjects.empty),
        target: { atMost: 2 },
      },
      {
        what,
        against: "peer",
        unit,
        ours,
        theirs: timeOf(subjects.peers[name]),
        target: { atMost: 0.6 },
      },
    ];
  });
}
