import { type LoopbackServer, serveLoopback } from "../support/loopback_server.ts";

/** What stands in Clerk's or Supabase's place and answers as a test wants. */
export interface Upstream extends LoopbackServer {
  /** What every request gets from now on. */
  answerWith(status: number, body: unknown, contentType?: string): void;
}

/** Starts it, on loopback. */
export function startUpstream(): Upstream {
  let answer = () => new Response();
  return {
    ...serveLoopback(() => answer()),
    answerWith(status, body, contentType = "application/json") {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      answer = () => new Response(text, { status, headers: { "content-type": contentType } });
    },
  };
}
