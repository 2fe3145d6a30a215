import { fail, type Result, succeed } from "../failure.ts";
import { TimeLimitExceeded, upstreamTimeLimit, withinTimeLimit } from "../time_limit.ts";
import { createPlaces, type TakePlace } from "./places.ts";

/** Bytes that a body may have at most. */
export const largestBody = 1024 * 1024;

/**
 * Bytes of a body that is too large that are read and thrown away. A sender that is cut off while it
 * sends may never see the answer.
 */
const mostThrownAway = 2 * largestBody;

/** Milliseconds that this may take. */
const patience = 1_000;

/** Bytes of a body that are read without a place. Clerk's events are smaller. */
const smallBody = 64 * 1024;

/**
 * Places for larger bodies, shared by all requests to an isolate: anyone who knows what a delivery
 * looks like can send large bodies and let them stall. A body that waits for a place is not read,
 * so its sender waits too.
 */
const largeBodyPlaces = createPlaces(4);

/** Thrown if no place came free while there was still time to read. */
class NoPlace extends Error {
  override readonly name = "NoPlace";
}

export interface BodyLimits {
  /** Milliseconds. */
  readonly time?: number;
  /** Gives a body its place once it exceeds 64 KiB. */
  readonly places?: TakePlace;
}

/**
 * Reads the request's body exactly as sent, within the limits.
 *
 * @returns `payload_too_large`, or `invalid_request` if it breaks off, arrives too late or is not
 * UTF-8
 */
export async function readBody(
  request: Request,
  { time = upstreamTimeLimit, places = largeBodyPlaces }: BodyLimits = {},
): Promise<Result<string>> {
  const announced = announcedLength(request.headers);
  if (announced > mostThrownAway) return fail("payload_too_large");
  try {
    // A server reads no further than what was announced. Its own way is the cheapest, but cannot be stopped.
    if (announced > 0 && announced <= smallBody) {
      return decode(await withinTimeLimit(request.bytes(), time));
    }
    return request.body ? await readLarge(request.body, announced, { time, places }) : succeed("");
  } catch (error) {
    return fail("invalid_request", { message: describe(error) });
  }
}

/** Bytes; NaN if unknown. Deno 2.1 takes a transfer-encoding beside a length, which then means nothing. */
function announcedLength(headers: Headers): number {
  return headers.has("transfer-encoding") ? NaN : Number(headers.get("content-length"));
}

async function readLarge(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  announced: number,
  { time, places }: Required<BodyLimits>,
): Promise<Result<string>> {
  const chunks = openChunks(body);
  try {
    const bytes = announced > largestBody
      ? undefined
      : await withinTimeLimit(readBytes(chunks, () => places(time / 2)), time);
    if (bytes) return decode(bytes);
    await withinTimeLimit(throwAway(chunks), patience).catch(() => {});
    return fail("payload_too_large");
  } finally {
    // Do not wait for the rest.
    chunks.cancel().catch(() => {});
  }
}

function describe(error: unknown): string {
  if (error instanceof TimeLimitExceeded) return "Body did not arrive in time";
  if (error instanceof NoPlace) return "Too many large bodies at once: send it again later";
  return "Body could not be read";
}

interface Chunks {
  /** A chunk is good until the next one is read. */
  read(): Promise<ReadableStreamReadResult<Uint8Array<ArrayBuffer>>>;
  cancel(): Promise<void>;
}

/**
 * Reads all chunks into the same 64 KiB. A server gives each a buffer of its own of that size, also one
 * of a single byte: a sender of many would fill the memory.
 */
function openChunks(body: ReadableStream<Uint8Array<ArrayBuffer>>): Chunks {
  try {
    const reader = body.getReader({ mode: "byob" });
    let buffer = new ArrayBuffer(smallBody);
    return {
      async read() {
        const result = await reader.read(new Uint8Array(buffer));
        if (result.value) buffer = result.value.buffer;
        return result;
      },
      cancel: () => reader.cancel(),
    };
  } catch {
    // Not a stream of bytes: no server made this request.
    return body.getReader();
  }
}

/**
 * Undefined if there are more than `largestBody`.
 *
 * @param takePlace called once the body is no longer small
 */
async function readBytes(
  chunks: Chunks,
  takePlace: () => ReturnType<TakePlace>,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  let read = new Uint8Array();
  let size = 0;
  let giveBack: (() => void) | undefined;
  try {
    for (;;) {
      const { done, value } = await chunks.read();
      if (done) return read.subarray(0, size);
      const end = size + value.byteLength;
      if (end > largestBody) return undefined;
      if (end > smallBody) {
        giveBack ??= await takePlace();
        if (!giveBack) throw new NoPlace();
      }
      read = withRoomFor(end, read);
      read.set(value, size);
      size = end;
    }
  } finally {
    giveBack?.();
  }
}

function withRoomFor(size: number, bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  if (size <= bytes.byteLength) return bytes;
  const larger = new Uint8Array(Math.min(largestBody, Math.max(size, 2 * bytes.byteLength)));
  larger.set(bytes);
  return larger;
}

async function throwAway(chunks: Chunks): Promise<void> {
  let size = 0;
  while (size < mostThrownAway) {
    const { done, value } = await chunks.read();
    if (done) return;
    size += value.byteLength;
  }
}

// The signature covers a byte order mark too, so keep it.
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array): Result<string> {
  try {
    return succeed(decoder.decode(bytes));
  } catch {
    return fail("invalid_request", { message: "Body is not valid UTF-8" });
  }
}
