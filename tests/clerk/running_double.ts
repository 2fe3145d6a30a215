import { type ClerkClient, createClerkClient } from "@clerk/backend";
import { askDouble } from "../../local/clerk/control/client.ts";
import {
  type ClerkDouble,
  type ClerkDoubleOptions,
  createClerkDouble,
} from "../../local/clerk/double.ts";
import { generateInstanceKey, type InstanceKey } from "../../local/clerk/keys/instance_key.ts";
import { listen } from "../../local/clerk/listen.ts";
import { serveLoopback } from "../support/loopback_server.ts";

/** The doubles' secret key. */
export const secretKey = "sk_test_0123456789abcdefghijklmnopqrstuvwxyz";
/** The doubles' instance. */
export const instanceId = "ins_2g7np7Hrk0SN6kj5EDMLDaKNL0S";

let key: Promise<InstanceKey> | undefined;

/** One key for all tests of a process, because making a key is slow. */
export function instanceKey(): Promise<InstanceKey> {
  key ??= generateInstanceKey();
  return key;
}

/** A double that listens on a free port, and a real client for it. */
export interface RunningDouble extends AsyncDisposable {
  readonly url: string;
  readonly double: ClerkDouble;
  readonly clerk: ClerkClient;
}

/** Makes a double that does not listen on a port. */
export async function makeDouble(options: Partial<ClerkDoubleOptions> = {}): Promise<ClerkDouble> {
  return createClerkDouble({
    secretKey,
    key: await instanceKey(),
    instanceId,
    ...options,
  });
}

/** Starts a double that listens on a free port of 127.0.0.1. */
export async function startDouble(
  options: Partial<ClerkDoubleOptions> = {},
): Promise<RunningDouble> {
  const double = await makeDouble(options);
  const server = listen(double, 0);
  const url = `http://127.0.0.1:${server.addr.port}`;
  return {
    url,
    double,
    clerk: createClerkClient({ secretKey, apiUrl: url }),
    async [Symbol.asyncDispose]() {
      await server.shutdown();
      await double.close();
    },
  };
}

/** Sends a request to a double's control API. `path` follows `/double/`. */
export function control(
  url: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Response> {
  return askDouble({ CLERK_API_URL: url, CLERK_SECRET_KEY: secretKey }, method, path, body);
}

/** What a webhook endpoint received. */
export interface Received {
  readonly headers: Headers;
  readonly body: string;
}

/** A webhook endpoint on a free port, with answers chosen by the test. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** In the order of arrival. A test may remove some. */
  readonly received: Received[];
}

/** Starts a webhook endpoint. `reply` gets each request's number, from 0. */
export function startReceiver(
  reply: (number: number) => Response | Promise<Response> = () => new Response("ok"),
): Receiver {
  const received: Received[] = [];
  const server = serveLoopback(async (request) => {
    received.push({ headers: request.headers, body: await request.text() });
    return reply(received.length - 1);
  });
  return {
    url: `${server.url}/webhook`,
    received,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
