import { type LoopbackServer, serveLoopback } from "../support/loopback_server.ts";
import { runningStack } from "../support/stack/running_stack.ts";

/** Stands in front of the stack's API and counts the requests. */
export function startCountedApi(): LoopbackServer {
  return serveLoopback(async ({ method, url, headers, body }) => {
    const { pathname, search } = new URL(url);
    const target = new URL(pathname + search, runningStack().API_URL);
    const answer = await fetch(target, { method, headers, body });
    return new Response(answer.body, { status: answer.status, headers: answer.headers });
  });
}
