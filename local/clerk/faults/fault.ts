import { z } from "zod";
import { errorBody } from "../http/errors.ts";

/** A fault of Clerk's service. What is left out is as usual: a delay alone ends in the real answer. */
export const fault = z.strictObject({
  /** Which requests: a method and a path, in which `*` stands for anything. Never the control API. */
  route: z.string().regex(/^(\*|[A-Z]+) \/\S*$/, "Must be like GET /v1/users/*"),
  /** How many requests are met; null: all until the faults change. */
  times: z.int().positive().nullable().default(null),
  /** Milliseconds before anything else happens. */
  delay_ms: z.int().nonnegative().default(0),
  /** An error of Clerk's own form. */
  status: z.int().min(400).max(599).optional(),
  /** Seconds, for the header `Retry-After` of that error. */
  retry_after: z.int().nonnegative().optional(),
  /** A 200 that is no answer: a page of something in between, or JSON that stops in the middle. */
  garbage: z.enum(["page", "truncated"]).optional(),
  /** `broken`: it ends in the middle of the body. `silent`: nothing comes until the faults change. */
  connection: z.enum(["broken", "silent"]).optional(),
});
/** A fault of Clerk's service. */
export type Fault = z.infer<typeof fault>;

/** Faults in force, the first that fits a request first. */
export interface Faults {
  /** With the number of requests that each has met. */
  list(): readonly (Fault & { met: number })[];
  /** Puts these in the place of all before. */
  set(faults: readonly Fault[]): void;
  /** The answer that a fault makes of a request, or undefined where the real one is to be given. */
  meet(request: Request): Promise<Response | undefined>;
}

/** Without faults at first. */
export function createFaults(): Faults {
  let faults: (Fault & { met: number; readonly fits: (request: Request) => boolean })[] = [];
  let changed = Promise.withResolvers<void>();
  return {
    list: () => faults.map(({ fits: _fits, ...fault }) => fault),
    set(next) {
      faults = next.map((fault) => ({ ...fault, met: 0, fits: fitting(fault.route) }));
      changed.resolve();
      changed = Promise.withResolvers();
    },
    async meet(request) {
      const found = faults.find(({ fits, times, met }) =>
        fits(request) && (times === null || met < times)
      );
      if (found === undefined) return undefined;
      found.met++;
      const { promise } = changed;
      if (found.delay_ms > 0) await wait(found.delay_ms);
      if (found.connection !== "silent") return answerOf(found);
      await promise;
      return broken();
    },
  };
}

function fitting(route: string): (request: Request) => boolean {
  const [method, path = ""] = route.split(" ");
  const pattern = new RegExp(`^${path.split("*").map(RegExp.escape).join(".*")}$`);
  return (request) => {
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/double/")) return false;
    return (method === "*" || method === request.method) && pattern.test(pathname);
  };
}

function answerOf(fault: Fault): Response | undefined {
  if (fault.connection === "broken") return broken();
  if (fault.garbage === "page") {
    const headers = { "content-type": "text/html" };
    return new Response("<!doctype html><title>Bad gateway</title>", { headers });
  }
  if (fault.garbage === "truncated") return json('{"object": "user", "id": "user_2');
  if (fault.status !== undefined) return clerkError(fault.status, fault.retry_after);
  return undefined;
}

function clerkError(status: number, retryAfter: number | undefined): Response {
  const [code, message] = errorOf(status);
  const headers = new Headers();
  if (retryAfter !== undefined) headers.set("retry-after", String(retryAfter));
  const errors = [{ message, long_message: message, code }];
  return Response.json(errorBody({ errors }), { status, headers });
}

function errorOf(status: number): [code: string, message: string] {
  if (status === 404) return ["resource_not_found", "not found"];
  if (status === 429) return ["too_many_requests", "Too many requests. Please try again in a bit."];
  return ["internal_clerk_error", "There was an internal error on our servers."];
}

function broken(): Response {
  let begun = false;
  return json(
    new ReadableStream({
      pull(controller) {
        if (begun) return controller.error("Broken off, as the fault says");
        begun = true;
        controller.enqueue(new TextEncoder().encode('{"object":'));
      },
    }),
  );
}

function json(body: BodyInit): Response {
  return new Response(body, { headers: { "content-type": "application/json" } });
}

function wait(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
