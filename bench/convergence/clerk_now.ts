import { pause } from "../../tests/support/eventually.ts";
import { type LoopbackServer, serveLoopback } from "../../tests/support/loopback_server.ts";
import type { Random } from "../../tests/support/random.ts";
import { type ClerkUser, type History, userAt } from "./history.ts";

/** How long an answer takes at most, in ms: a call to another service, though a quick one. */
const slowest = 20;

/** Clerk's Backend API for handlers that read the user again: it knows what has happened so far. */
export type ClerkNow = LoopbackServer & {
  /** The event at this position has happened, and so have all before it. */
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
