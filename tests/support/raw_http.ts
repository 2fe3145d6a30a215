import { Buffer } from "node:buffer";
import { connect } from "node:net";
import type { Answer } from "./stack/supabase.ts";

/** A request exactly as it goes over the wire. Nothing is normalised, joined or forbidden. */
export interface RawRequest {
  readonly method?: string;
  readonly headers?: readonly (readonly [string, string])[];
  /** Sent unchanged after the headers, which must frame it. */
  readonly body?: Uint8Array | string;
}

/** Sends the request over a connection of its own and reads the answer. */
export async function sendRaw(url: string, request: RawRequest = {}): Promise<Answer> {
  return parseAnswer(await exchange(url, [requestHead(url, request), request.body ?? ""]));
}

/** The first line and the headers, including `host` and `connection`. */
export function requestHead(url: string, { method = "POST", headers = [] }: RawRequest): string {
  const { host, pathname, search } = new URL(url);
  const lines = [
    `${method} ${pathname}${search} HTTP/1.1`,
    `host: ${host}`,
    "connection: close",
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** Milliseconds that an exchange may take. */
const patience = 20_000;

function exchange(url: string, parts: readonly (Uint8Array | string)[]): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const { hostname, port } = new URL(url);
  const socket = connect({ host: hostname, port: Number(port), timeout: patience });
  let received = Buffer.alloc(0);
  socket.on("data", (bytes: Buffer) => {
    received = Buffer.concat([received, bytes]);
    // A server that waits for the rest of a body would keep the connection open.
    if (isWhole(received)) socket.destroy();
  });
  socket.on("timeout", () => socket.destroy(new Error("The server has not answered in time")));
  // An answer counts even if the connection breaks after it.
  socket.on("error", (error) => received.length > 0 ? undefined : reject(error));
  socket.on("close", () => resolve(received));
  for (const part of parts) socket.write(part);
  return promise;
}

/** Whether the answer has all bytes of its content-length. Without one, it ends with the connection. */
function isWhole(bytes: Buffer): boolean {
  const end = bytes.indexOf("\r\n\r\n");
  const length = /^content-length: (\d+)/mi.exec(bytes.toString("latin1", 0, Math.max(end, 0)))
    ?.[1];
  return length !== undefined && bytes.length >= end + 4 + Number(length);
}

/** Parses a complete answer. */
function parseAnswer(bytes: Buffer): Answer {
  const end = bytes.indexOf("\r\n\r\n");
  if (end < 0) throw new Error(`Not an HTTP answer: ${bytes.length} bytes`);
  const [statusLine = "", ...lines] = bytes.toString("latin1", 0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()] as [string, string];
  }));
  const chunked = headers.get("transfer-encoding") === "chunked";
  const rest = bytes.subarray(end + 4);
  const text = (chunked ? joinChunks(rest) : rest).toString("utf8");
  const isJson = headers.get("content-type")?.startsWith("application/json");
  return {
    status: Number(statusLine.split(" ")[1]),
    headers,
    body: isJson ? JSON.parse(text) : text,
  };
}

function joinChunks(bytes: Buffer): Buffer {
  const chunks: Buffer[] = [];
  let at = 0;
  while (at < bytes.length) {
    const lineEnd = bytes.indexOf("\r\n", at);
    const size = Number.parseInt(bytes.toString("latin1", at, lineEnd), 16);
    if (!(size > 0)) break;
    chunks.push(bytes.subarray(lineEnd + 2, lineEnd + 2 + size));
    at = lineEnd + 2 + size + 2;
  }
  return Buffer.concat(chunks);
}
