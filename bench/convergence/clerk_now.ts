import { pause } from "../../tests/support/eventually.ts";
import { type LoopbackServer, serveLoopback } from "../../tests/support/loopback_server.ts";
import type { Random } from "../../tests/support/random.ts";
import { type ClerkUser, type History, userAt } from "./history.ts";

/** The longest time that an answer takes, in ms. Clerk is another service, though a quick one here. */
const slowest = 20;

/** Clerk's Backend API, for handlers that read the user again. It knows what has happened so far. */
export type ClerkNow = LoopbackServer & {
  /** Records that the event at this position, and all before it, have happened. */
  happened(clerkId: string, history: History, index: number): void;
};

export function createClerkNow(random: Random): ClerkNow {
  const latest = new Map<string, { index: number; user: ClerkUser | null }>();
  const server = serveLoopback(async (request) => {
    const clerkId = new URL(request.url).pathname.split("/").at(-1) ?? "";
    const user = latest.get(clerkId)?.user;
    await pause(random.below(slowest));
    return user ? Response.json(user) : new Response("Not found", { status: 404 });
  });
  return {
    ...server,
    happened(clerkId, history, index) {
      if ((latest.get(clerkId)?.index ?? -1) >= index) return;
      const state = history[index]?.state ?? null;
      latest.set(clerkId, { index, user: state && userAt(state, clerkId) });
    },
  };
}
