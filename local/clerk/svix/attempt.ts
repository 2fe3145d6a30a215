import type { EndpointSettings } from "./endpoint.ts";

/** Characters that are kept of an answer. */
const keptLength = 1_000;

export interface Message {
  readonly id: string;
  readonly payload: string;
}

/** The outcome of one attempt. Without an answer, `status` is null and `error` says why. */
export interface AttemptResult {
  readonly delivered: boolean;
  readonly status: number | null;
  readonly error: string | null;
  /** Milliseconds. */
  readonly ms: number;
  readonly response: string;
}

export interface AttemptOptions {
  readonly message: Message;
  readonly url: string;
  readonly secrets: EndpointSettings["secrets"];
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** Milliseconds. */
  readonly timeLimit: number;
  readonly closing: AbortSignal;
  readonly fetch: typeof fetch;
}

/** Sends a message once. A 2xx within the time limit counts as delivered. Follows no redirect. */
export async function attempt(options: AttemptOptions): Promise<AttemptResult> {
  const { message, url, secrets, at, timeLimit, closing, fetch: send } = options;
  // Loaded on the first delivery, so that the double starts sooner.
  const { svixHeaders } = await import("./signing.ts");
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  try {
    const response = await send(url, {
      method: "POST",
      headers: {
        ...svixHeaders(secrets, message.id, at, message.payload),
        "content-type": "application/json",
        "user-agent": "Svix-Webhooks/1.84.0 (sender-9YMgn; +https://www.svix.com/http-sender/)",
      },
      body: message.payload,
      redirect: "manual",
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeLimit)]),
    });
    const text = await response.text();
    return {
      delivered: response.ok,
      status: response.status,
      error: null,
      ms: elapsed(),
      response: text.slice(0, keptLength),
    };
  } catch (error) {
    return {
      delivered: false,
      status: null,
      error: describe(error),
      ms: elapsed(),
      response: "",
    };
  }
}

function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.name === "TimeoutError" ? "Timed out" : error.message;
}
