import { runningStack } from "../support/stack/running_stack.ts";

/** The stack's API under another address, which remembers what it was asked. */
export interface CountedApi extends AsyncDisposable {
  readonly url: string;
  /** Method and path of every request. */
  readonly requests: readonly string[];
}

export function startCountedApi(): CountedApi {
  const requests: string[] = [];
  const server = Deno.serve(
    { hostname: "127.0.0.1", port: 0, onListen: () => {} },
    async ({ method, url, headers, body }) => {
      const { pathname, search } = new URL(url);
      requests.push(`${method} ${pathname}`);
      const target = new URL(pathname + search, runningStack().API_URL);
      const answer = await fetch(target, { method, headers, body });
      return new Response(answer.body, { status: answer.status, headers: answer.headers });
    },
  );
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    requests,
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}
