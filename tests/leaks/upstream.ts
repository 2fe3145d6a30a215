/** What stands in Clerk's or Supabase's place and answers as a test wants. */
export interface Upstream {
  readonly url: string;
  /** What every request gets from now on. */
  answerWith(status: number, body: unknown, contentType?: string): void;
  /** How many requests came. */
  requests(): number;
  close(): Promise<void>;
}

/** Starts it, on loopback. */
export function startUpstream(): Upstream {
  let requests = 0;
  let answer = () => new Response();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen: () => {} }, () => {
    requests++;
    return answer();
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    answerWith(status, body, contentType = "application/json") {
      const text = typeof body === "string" ? body : JSON.stringify(body);
      answer = () => new Response(text, { status, headers: { "content-type": contentType } });
    },
    requests: () => requests,
    close: () => server.shutdown(),
  };
}
