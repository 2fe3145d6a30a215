import type { EndpointSettings } from "./endpoint.ts";

const RESPONSE_KEPT_CHARACTERS = 1_000;

/** One message on its way. */
export interface Message {
  id: string;
  payload: string;
}

/** How one attempt went. `status` is null where there was no answer; `error` then says why. */
export interface AttemptResult {
  delivered: boolean;
  status: number | null;
  error: string | null;
  ms: number;
  response: string;
}

/** Sends a message once. A 2xx within the time is a delivery; a redirect is not followed. */
export async function attempt(deps: {
  message: Message;
  url: string;
  secrets: EndpointSettings["secrets"];
  at: number;
  timeoutMs: number;
  closing: AbortSignal;
  fetch: typeof fetch;
}): Promise<AttemptResult> {
  const { message, url, secrets, at, timeoutMs, closing } = deps;
  // Loaded with the first delivery, so that the double answers sooner after its start.
  const { svixHeaders } = await import("./signing.ts");
  const started = performance.now();
  const elapsed = () => Math.round(performance.now() - started);
  try {
    const response = await deps.fetch(url, {
      method: "POST",
      headers: {
        ...svixHeaders(secrets, message.id, at, message.payload),
        "content-type": "application/json",
        "user-agent": "Svix-Webhooks/1.84.0 (sender-9YMgn; +https://www.svix.com/http-sender/)",
      },
      body: message.payload,
      redirect: "manual",
      signal: AbortSignal.any([closing, AbortSignal.timeout(timeoutMs)]),
    });
    const text = await response.text();
    return {
      delivered: response.ok,
      status: response.status,
      error: null,
      ms: elapsed(),
      response: text.slice(0, RESPONSE_KEPT_CHARACTERS),
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
