/**
 * Runs the Clerk double as a process on 127.0.0.1. README.md lists its environment variables. Prints
 * `listening on http://127.0.0.1:PORT` when it is ready, and stops on SIGTERM or SIGINT.
 */
import { z } from "zod";
import { keepLoopbackDirect } from "../direct_loopback.ts";
import { createClerkDouble } from "./double.ts";
import { doubleEnvironment } from "./environment.ts";
import { readInstanceKey } from "./keys/instance_key.ts";
import { listen } from "./listen.ts";

keepLoopbackDirect();
const parsed = doubleEnvironment.safeParse(Deno.env.toObject());
if (!parsed.success) fail(z.prettifyError(parsed.error));
const environment = parsed.data;

const { CLERK_WEBHOOK_URL: url, CLERK_WEBHOOK_SECRET: secrets } = environment;
if (url !== undefined && secrets === undefined) {
  fail("CLERK_WEBHOOK_URL needs CLERK_WEBHOOK_SECRET");
}
const double = createClerkDouble({
  secretKey: environment.CLERK_SECRET_KEY,
  key: await readInstanceKey(environment.CLERK_DOUBLE_PRIVATE_KEY),
  instanceId: environment.CLERK_INSTANCE_ID,
  issuer: environment.CLERK_DOUBLE_ISSUER,
  origin: environment.CLERK_DOUBLE_ORIGIN,
  database: environment.CLERK_DOUBLE_DATABASE,
  endpoint: {
    url: url ?? null,
    secrets: secrets ?? [],
    ...(environment.CLERK_DOUBLE_RETRY_SCHEDULE === undefined
      ? {}
      : { retry_schedule_ms: environment.CLERK_DOUBLE_RETRY_SCHEDULE }),
  },
});

const server = listen(
  double,
  environment.CLERK_DOUBLE_PORT,
  (port) => print(Deno.stdout, `listening on http://127.0.0.1:${port}`),
);

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  await double.close();
  // Idle keep-alive connections would hold up a graceful shutdown.
  Deno.exit(0);
};
Deno.addSignalListener("SIGTERM", stop);
Deno.addSignalListener("SIGINT", stop);
await server.finished;

function print(stream: { writeSync(bytes: Uint8Array): number }, line: string): void {
  stream.writeSync(new TextEncoder().encode(`${line}\n`));
}

function fail(reason: string): never {
  print(Deno.stderr, `The Clerk double cannot start: ${reason}`);
  Deno.exit(1);
}
