import { z } from "zod";
import { fail, type Failed, type Outcome, succeed } from "./outcome.ts";

const refusal = z.looseObject({});

/** Milliseconds that a hosted service may take for an answer. */
export const usualTimeLimit = 15_000;

/** A hosted service: its name in messages, and how it is asked. */
export interface Service {
  readonly name: string;
  readonly url: string;
  readonly token?: string;
  /** What to do if it refuses the token. */
  readonly refused: string;
  /** Milliseconds. */
  readonly timeLimit: number;
}

export interface Question<T> {
  readonly method: "GET" | "POST" | "DELETE";
  /** Follows the service's address. */
  readonly path: string;
  readonly body?: unknown;
  /** What the answer must be. */
  readonly schema: z.ZodType<T>;
}

/** An answer of another status than 2xx. */
export interface Refusal {
  readonly status: number;
  readonly text: string;
  readonly failed: Failed;
}

/**
 * Asks a service. What it answers is parsed once, here.
 *
 * @param expect makes an outcome of a refusal that is expected; undefined leaves the usual failure
 */
export async function ask<T>(
  service: Service,
  { method, path, body, schema }: Question<T>,
  expect: (refusal: Refusal) => Outcome<T> | undefined = () => undefined,
): Promise<Outcome<T>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(service.url + path, {
      method,
      headers: {
        accept: "application/json",
        ...(service.token === undefined ? {} : { authorization: `Bearer ${service.token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: "error",
      signal: AbortSignal.timeout(service.timeLimit),
    });
    text = await response.text();
  } catch (error) {
    return unreachable(service.name, error);
  }
  if (!response.ok) {
    if (isOfAnother(response.status, text)) return strange(service.name, response.status);
    const failed = explainStatus(service, response.status, response.headers.get("retry-after"));
    return expect({ status: response.status, text, failed }) ?? failed;
  }
  const parsed = schema.safeParse(parseJson(text));
  return parsed.success ? succeed(parsed.data) : unreadable(service.name);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/**
 * Whether a refusal is not the service's: its own are JSON. A firewall or a proxy on the way says with a
 * page of its own what would read as a refused token, or as a project that is not there.
 */
function isOfAnother(status: number, text: string): boolean {
  return status < 500 && status !== 429 && !refusal.safeParse(parseJson(text)).success;
}

function strange(name: string, status: number): Failed {
  return fail(
    `Something between here and ${name} refused the request (${status})`,
    "Let it through the firewall or the proxy, and run it again",
  );
}

export function unreachable(name: string, error: unknown): Failed {
  const slow = error instanceof Error && error.name === "TimeoutError";
  return slow
    ? fail(`${name} did not answer in time`, "Run it again. It goes on where it stopped")
    : fail(`${name} cannot be reached`, "Check the network, and run it again");
}

export function unreadable(name: string): Failed {
  return fail(
    `${name} answered, but not in the form that is known`,
    "Run it again. If it says so again, look for a newer version of this project",
  );
}

/** What a status means that no caller expects. */
export function explainStatus(
  { name, refused }: Pick<Service, "name" | "refused">,
  status: number,
  retryAfter: string | null | undefined,
): Failed {
  if (status === 401 || status === 403) {
    return fail(`${name} refused the token (${status})`, refused);
  }
  if (status === 429) {
    const wait = /^\d+$/.test(retryAfter ?? "") ? ` in ${retryAfter} s` : " in a minute";
    return fail(`${name} limits the rate of requests`, `Run it again${wait}`);
  }
  if (status >= 500) {
    return fail(`${name} fails (${status})`, "Run it again later. It goes on where it stopped");
  }
  return fail(
    `${name} refused the request (${status})`,
    "Look for a newer version of this project, or do this step in the dashboard",
  );
}
