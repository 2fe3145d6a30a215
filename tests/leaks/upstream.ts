import { type LoopbackServer, serveLoopback } from "../support/loopback_server.ts";

/** A server that replaces Clerk or Supabase and gives the test's answers. */
export interface Upstream extends LoopbackServer {
  /** Sets the answer to every request from now on. */
  answerWith(status: number, body: unknown, contentType?: string): void;
}

/** Starts the server on loopback. */
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
