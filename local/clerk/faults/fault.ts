import { z } from "zod";
import { errorBody } from "../http/errors.ts";

/** A fault of Clerk's service. A delay alone ends in the real answer. */
export const fault = z.strictObject({
  /** Which requests: a method or `*`, and a path in which `*` matches anything. */
  route: z.string().regex(/^(\*|[A-Z]+) \/\S*$/, "Must be like GET /v1/users/*"),
  /** Only requests whose query contains this. */
  query: z.string().optional(),
  /** How many requests meet the fault; null: all until the faults change. */
  times: z.int().positive().nullable().default(null),
  /** Milliseconds before anything else happens. */
  delay_ms: z.int().nonnegative().default(0),
  /** The status of an error in Clerk's form, or of the page. */
  status: z.int().min(400).max(599).optional(),
  /** The code of that error; by default one that fits the status. */
  code: z.string().optional(),
  /** Seconds, for the header `Retry-After` of that error. */
  retry_after: z.int().nonnegative().optional(),
  /** A proxy's HTML page, by default with status 200, or JSON that stops in the middle. */
  garbage: z.enum(["page", "truncated"]).optional(),
  /** A list shows only so many of those that it should, and does not say so. */
  keep: z.int().nonnegative().optional(),
  /** `created_at_after` and `created_at_before` include their bounds. Clerk does not say. */
  inclusive_bounds: z.boolean().optional(),
  /** `broken`: ends in the middle of the body. `silent`: no answer until the faults change. */
  connection: z.enum(["broken", "silent"]).optional(),
});
export type Fault = z.infer<typeof fault>;

/** Makes a test of whether a request meets the fault. A request to the control API never does. */
export function fitting({ route, query = "" }: Fault): (request: Request) => boolean {
  const [method, path = ""] = route.split(" ");
  const pattern = new RegExp(`^${path.split("*").map(RegExp.escape).join(".*")}$`);
  return (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname.startsWith("/double/") || !search.includes(query)) return false;
    return (method === "*" || method === request.method) && pattern.test(pathname);
  };
}

/** The answer that a fault gives to a request; undefined if the real one is to be given. */
export function answerOf(fault: Fault, { url }: Request): Response | undefined {
  if (fault.connection === "broken") return brokenAnswer();
  if (fault.garbage === "page") {
    const headers = { "content-type": "text/html" };
    const { status = 200 } = fault;
    return new Response("<!doctype html><title>Bad gateway</title>", { status, headers });
  }
  if (fault.garbage === "truncated") return json('{"object": "user", "id": "user_2');
  if (fault.status !== undefined) {
    const headers = new Headers();
    if (fault.retry_after !== undefined) headers.set("retry-after", String(fault.retry_after));
    const isSvix = new URL(url).pathname.startsWith("/api/");
    const body = isSvix ? svixError(fault.status) : clerkError(fault.status, fault.code);
    return Response.json(body, { status: fault.status, headers });
  }
  return undefined;
}

/** The request as the fault has it understood. */
export function requestUnder({ inclusive_bounds: inclusive }: Fault, request: Request): Request {
  if (!inclusive) return request;
  const url = new URL(request.url);
  for (const [name, step] of [["created_at_after", -1], ["created_at_before", 1]] as const) {
    const bound = url.searchParams.get(name);
    if (bound !== null) url.searchParams.set(name, String(Number(bound) + step));
  }
  return new Request(url, request);
}

const page = z.object({ data: z.array(z.unknown()), total_count: z.int() });

/** The real answer as the fault spoils it. */
export async function spoiled({ keep }: Fault, response: Response): Promise<Response> {
  if (keep === undefined || response.status !== 200) return response;
  const body: unknown = await response.json();
  if (Array.isArray(body)) return Response.json(body.slice(0, keep));
  const { data, total_count } = page.parse(body);
  return Response.json({ data: data.slice(0, keep), total_count });
}

function clerkError(status: number, ownCode: string | undefined) {
  const [code, message] = errorOf(status);
  return errorBody([{ message, long_message: message, code: ownCode ?? code }]);
}

function svixError(status: number) {
  return { code: status === 429 ? "rate_limit" : "server_error", detail: errorOf(status)[1] };
}

function errorOf(status: number): readonly [code: string, message: string] {
  if (status === 404) return ["resource_not_found", "not found"];
  if (status === 429) return ["too_many_requests", "Too many requests. Please try again in a bit."];
  return ["internal_clerk_error", "There was an internal error on our servers."];
}

/** An answer that ends in the middle of its body. */
export function brokenAnswer(): Response {
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
