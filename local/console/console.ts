import { Hono } from "hono";
import postgres from "postgres";
import { z } from "zod";
import { createLocalClerkClient } from "../clerk_client.ts";
import type { Part } from "../supervisor/part.ts";
import type { StackValues } from "../values.ts";
import { anyAction } from "./action.ts";
import { createActions, type Double } from "./actions.ts";
import { createAgreementMark } from "./agreement.ts";
import { buildPage } from "./build.ts";
import { createBurst } from "./burst.ts";
import { readClerk } from "./clerk_side.ts";
import { createDoubleDeliveries } from "./double_deliveries.ts";
import { guardingHeaders, isOwnPage } from "./guard.ts";
import { createLedgerDeliveries } from "./ledger_deliveries.ts";
import { readMembers } from "./members.ts";
import { createPageRoutes } from "./page_routes.ts";
import { createRowsReader, readRuns } from "./rows.ts";
import type { ClerkView } from "./snapshot.ts";
import { createWatch } from "./watch.ts";

/** The stack that the console shows. */
export interface ConsoleStack {
  readonly values: StackValues;
  readonly schema: string;
  readonly postgres: Part;
  readonly postgrest: Part;
  /** The double; undefined if the developer's own instance is used. */
  readonly clerk: Part | undefined;
}

export interface Console {
  handle(request: Request): Response | Promise<Response>;
  close(): Promise<void>;
}

/** What may change whether the two sides agree. */
const bearing = ["stack", "clerk", "deliveries", "rows"];

/** Seconds. By itself the client would wait longer each time. */
const reconnectAfter = 0.3;

const noClerk: ClerkView = { users: [], userCount: 0, organizations: [], burst: null };

/** Creates the console of a running stack. It looks at nothing until a page is open. */
export async function createConsole(stack: ConsoleStack): Promise<Console> {
  const { values, schema, clerk } = stack;
  const closing = new AbortController();
  const { signal } = closing;
  const sql = postgres(values.DB_URL, {
    max: 4,
    onnotice: () => {},
    backoff: () => reconnectAfter,
  });
  const double = clerk && await doubleOf(clerk, values);
  const isUp = (part: Part | undefined) => (part?.state ?? "ready") === "ready";
  const outage = () => {
    if (!isUp(clerk)) return "Clerk is down";
    return isUp(stack.postgres) ? undefined : "The database is down";
  };
  const agreement = createAgreementMark({ values, double: double !== undefined, outage, signal });
  const watch = createWatch({
    stack: () =>
      Promise.resolve({
        double: double !== undefined,
        apiUrl: values.API_URL,
        clerkUp: isUp(clerk),
        databaseUp: isUp(stack.postgres),
      }),
    clerk: double
      ? async () => ({ ...await readClerk(double.clerk), burst: double.burst.progress() })
      : () => Promise.resolve(noClerk),
    deliveries: double ? createDoubleDeliveries(values) : createLedgerDeliveries(sql, schema),
    rows: createRowsReader(sql, schema),
    runs: () => readRuns(sql, schema),
    agreement: () => Promise.resolve(agreement.current()),
  }, (name) => {
    if (bearing.includes(name)) agreement.touch();
  }, signal);
  const act = createActions({ ...stack, double, compare: agreement.compare, signal });

  const app = new Hono();
  app.use(async (context, next) => {
    await next();
    for (const [name, value] of Object.entries(guardingHeaders)) context.header(name, value);
  });
  app.route("/", createPageRoutes(buildPage));
  app.get("/organizations/:id{\\w+}/members", async (context) => {
    if (double === undefined) return context.notFound();
    return context.json(await readMembers(double.clerk, context.req.param("id")));
  });
  app.get("/events", () => {
    let end = () => {};
    const encoder = new TextEncoder();
    const events = new ReadableStream<Uint8Array>({
      start(controller) {
        end = watch.subscribe((name, json) =>
          controller.enqueue(encoder.encode(`event: ${name}\ndata: ${json}\n\n`))
        );
      },
      cancel: () => end(),
    });
    return new Response(events, { headers: { "content-type": "text/event-stream" } });
  });
  app.post("/actions", async (context) => {
    if (!isOwnPage(context.req.raw)) {
      return context.json({ message: "Only the console's own page may do this" }, 403);
    }
    const action = anyAction.safeParse(await context.req.json().catch(() => undefined));
    if (!action.success) return context.json({ message: z.prettifyError(action.error) }, 400);
    try {
      return context.json(await act(action.data));
    } catch (error) {
      return context.json({ message: reasonOf(error) }, 422);
    }
  });

  return {
    handle: (request) => app.fetch(request),
    async close() {
      closing.abort();
      await sql.end({ timeout: 1 });
    },
  };
}

async function doubleOf(part: Part, values: StackValues): Promise<Double> {
  const clerk = await createLocalClerkClient(values);
  return { part, clerk, burst: createBurst(clerk) };
}

const clerkError = z.object({
  errors: z.array(z.object({ code: z.string(), longMessage: z.string().optional() })).min(1),
});

function reasonOf(error: unknown): string {
  const clerk = clerkError.safeParse(error).data?.errors[0];
  if (clerk?.code === "unexpected_error") return "Clerk does not answer";
  if (clerk !== undefined) return clerk.longMessage ?? clerk.code;
  return error instanceof Error ? error.message : String(error);
}
