import { upstreamTimeLimit } from "../../supabase/functions/_shared/time_limit.ts";

/** An answer, or why there was none: "timeout" or "unreachable". */
export type Called =
  | { readonly status: number; readonly headers: Headers; readonly text: string }
  | "timeout"
  | "unreachable";

/** Characters of a body that are kept. */
const longest = 1_000_000;

/** Sends a request and reads the answer, within 5 s. Never throws because of what comes back. */
export async function call(
  url: string | URL,
  { fetch: send = fetch, ...request }: RequestInit & { readonly fetch?: typeof fetch } = {},
): Promise<Called> {
  try {
    const response = await send(url, {
      redirect: "manual",
      ...request,
      signal: AbortSignal.timeout(upstreamTimeLimit),
    });
    const text = (await response.text()).slice(0, longest);
    return { status: response.status, headers: response.headers, text };
  } catch (error) {
    return error instanceof DOMException && error.name === "TimeoutError"
      ? "timeout"
      : "unreachable";
  }
}

/** Says that there was no answer. */
export function describeSilence(called: "timeout" | "unreachable"): string {
  return called === "timeout" ? "did not answer within 5 s" : "cannot be reached";
}

/** The JSON in an answer. Undefined if it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
